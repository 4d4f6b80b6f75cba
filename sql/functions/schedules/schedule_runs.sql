/*
 * The next scheduled times of a schedule. The clock, views, previews and the forecast all ask here,
 * or for the time before in schedule_last_run, so that they agree.
 */
create or replace function pgdispatch.schedule_runs(
    p_schedule pgdispatch.schedule,
    p_after timestamptz,
    p_count integer
)
returns timestamptz[]
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    return pgdispatch.next_runs(
        p_schedule.recurrence, p_schedule.time_zone, p_after, p_count, p_schedule.calendar,
        p_schedule.on_free_day
    );
end
$$;

comment on function pgdispatch.schedule_runs(pgdispatch.schedule, timestamptz, integer) is
'The next scheduled times of a schedule, strictly after an instant, in order, up to 100,000; null: '
'it has no recurrence.';
