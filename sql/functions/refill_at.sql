/* When a site's budget is full again (semantics 5.5). */
create or replace function pgdispatch.refill_at(p_site pgdispatch.site)
returns timestamptz
language plpgsql
as $$
begin
    return pgdispatch.next_run(
        'daily at ' || to_char(p_site.refill_at, 'HH24:MI'), p_site.time_zone, pgdispatch.now()
    );
end
$$;

comment on function pgdispatch.refill_at(pgdispatch.site) is
'The next instant at which the budget of a site is refilled.';
