/* When a site's budget is full again (semantics 5.5). */
create or replace function pgdispatch.refill_at(p_site pgdispatch.site)
returns timestamptz
language plpgsql
as $$
declare
    v_now constant timestamptz := pgdispatch.now();
begin
    return min(refill)
    from generate_series(0, 2) as days
    cross join lateral pgdispatch.local_instant(
        (v_now at time zone p_site.time_zone)::date + days + p_site.refill_at, p_site.time_zone
    ) as refill
    where refill > v_now;
end
$$;

comment on function pgdispatch.refill_at(pgdispatch.site) is
'The next instant at which the budget of a site is refilled.';
