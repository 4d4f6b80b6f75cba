/* When the current day of a site's budget began (semantics 5.5). */
create or replace function pgdispatch.refilled_at(p_site pgdispatch.site)
returns timestamptz
language plpgsql
as $$
begin
    return pgdispatch.last_run(
        'daily at ' || to_char(p_site.refill_at, 'HH24:MI'), p_site.time_zone, pgdispatch.now()
    );
end
$$;

comment on function pgdispatch.refilled_at(pgdispatch.site) is
'The last instant at which the budget of a site was refilled.';
