/*
 * The first scheduled time of a schedule at or after an instant. One that is due and has not been
 * fired counts as it stands: the clock is about to.
 */
create or replace function pgdispatch.scheduled_after(
    p_schedule pgdispatch.schedule,
    p_after timestamptz
)
returns timestamptz
language sql
stable
as $$
    select case
        when not p_schedule.enabled then null
        when p_schedule.next_run_at >= p_after then p_schedule.next_run_at
        else (pgdispatch.schedule_runs(p_schedule, p_after - interval '1 microsecond', 1))[1]
    end
$$;

comment on function pgdispatch.scheduled_after(pgdispatch.schedule, timestamptz) is
'The first scheduled time of a schedule at or after an instant; null: there is none.';
