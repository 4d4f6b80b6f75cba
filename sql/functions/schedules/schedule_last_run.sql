/* The mirror image of schedule_runs. */
create or replace function pgdispatch.schedule_last_run(
    p_schedule pgdispatch.schedule,
    p_until timestamptz
)
returns timestamptz
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    return pgdispatch.last_run(
        p_schedule.recurrence, p_schedule.time_zone, p_until, p_schedule.calendar,
        p_schedule.on_free_day
    );
end
$$;

comment on function pgdispatch.schedule_last_run(pgdispatch.schedule, timestamptz) is
'The latest scheduled time of a schedule at or before an instant; null: it has none.';
