/*
 * Says that a forecast that was begun will not be kept. The next is made when it is due.
 * Locks: the one row of forecast_state, skipping if another holds it: one that hangs while it is
 * kept is taken over in its time, and its supervisor, which has more to do, waits for nobody.
 */
create or replace function pgdispatch.end_forecast(p_number bigint, p_problem text)
returns void
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$
    update pgdispatch.forecast_state
    set ended_at = pgdispatch.now(),
        problem = left(p_problem, 500)
    where is_only in (
        select is_only
        from pgdispatch.forecast_state
        where number = p_number
            and ended_at is null
        for update skip locked
    )
$$;

comment on function pgdispatch.end_forecast(bigint, text) is
'For supervisors: the forecast of this number came to nothing, and why. Of one that was kept, or '
'that another node has taken over, nothing changes.';
