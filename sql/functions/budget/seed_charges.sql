/*
 * A site gets a budget in the middle of a day: what it has run since its refill counts, summed up
 * by the minute of the start, as sum_charges does.
 * Locks: the charges of the site. What ends at this very moment may not be counted.
 */
create or replace function pgdispatch.seed_charges(p_site pgdispatch.site)
returns void
language plpgsql
as $$
declare
    v_since constant timestamptz := pgdispatch.refilled_at(p_site);
begin
    delete from pgdispatch.charge where site = p_site.name;
    insert into pgdispatch.charge (site, started_at, seconds, is_sum)
    select
        p_site.name,
        date_trunc('minute', started_at),
        sum(extract(epoch from ended_at - started_at)),
        true
    from pgdispatch.job_history
    where site = p_site.name
        and ended_at >= v_since
        and started_at >= v_since
    group by 2;
end
$$;

comment on function pgdispatch.seed_charges(pgdispatch.site) is
'Charges a site that has just got a budget for what it has run since its last refill.';
