/* What a site has spent of its budget: runs that have ended, by the day of their start. */
create or replace function pgdispatch.spent_seconds(p_site pgdispatch.site)
returns double precision
language plpgsql
as $$
declare
    v_since timestamptz;
begin
    if p_site.seconds_limit is null then
        return null;
    end if;
    v_since := pgdispatch.refilled_at(p_site);
    return coalesce(sum(seconds), 0)
    from pgdispatch.charge
    where site = p_site.name
        and started_at >= v_since;
end
$$;

comment on function pgdispatch.spent_seconds(pgdispatch.site) is
'Seconds that the jobs of a site which have started since its last refill have run; running ones '
'do not count yet. Null: the site has no budget.';
