/*
 * Says that a forecast that was begun will not be kept. The next is made when it is due.
 * Locks: the one row of forecast_state.
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
    where number = p_number
        and ended_at is null
$$;

comment on function pgdispatch.end_forecast(bigint, text) is
'For supervisors: the forecast of this number came to nothing, and why. Of one that was kept, or '
'that another node has taken over, nothing changes.';
