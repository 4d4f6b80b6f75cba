/* When the current day of a site's budget began (semantics 5.5). */
create or replace function pgdispatch.refilled_at(p_site pgdispatch.site)
returns timestamptz
language plpgsql
as $$
declare
    v_now constant timestamptz := pgdispatch.now();
begin
    return max(refill)
    from generate_series(-1, 1) as days
    cross join lateral pgdispatch.local_instant(
        (v_now at time zone p_site.time_zone)::date + days + p_site.refill_at, p_site.time_zone
    ) as refill
    where refill <= v_now;
end
$$;

comment on function pgdispatch.refilled_at(pgdispatch.site) is
'The last instant at which the budget of a site was refilled.';
