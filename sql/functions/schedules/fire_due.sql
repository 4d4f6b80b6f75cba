/*
 * Fires a schedule for the scheduled times that are due, or goes on with those that it is being
 * fired for: for a part of its tasks, each with all of these times and those that were missed, and
 * after the last task for a part of its linked tasks. What is left is kept in the row, and put off
 * behind other schedules. So each turn of the clock is short, however many tasks and missed runs
 * there are; one that was broken off goes on where the last committed one ended. After an error the
 * parts are small.
 * Locks: the caller holds the schedule's row; then as fire_runs.
 * Rivals: who edits the schedule between two turns is seen at the next; see fill_schedule.
 */
create or replace function pgdispatch.fire_due(
    p_schedule pgdispatch.schedule,
    p_now timestamptz
)
returns integer
language plpgsql
as $$
declare
    v_now pgdispatch.schedule := p_schedule;
    v_many integer := case when p_schedule.last_error is null then 10000 else 100 end;
    v_jobs integer := 0;
    v_more integer := 0;
    v_missed timestamptz[];
begin
    if v_now.firing_for is null then
        v_now.firing_for := pgdispatch.due_runs(p_schedule, p_now);
        v_now.missed_for := pgdispatch.missed_runs(p_schedule, p_now)
            || pgdispatch.closed_runs(p_schedule, p_now);
        v_now.next_run_at := (pgdispatch.schedule_runs(p_schedule, p_now, 1))[1];
        v_now.last_run_at := greatest(
            p_schedule.last_run_at, (select max(run) from unnest(v_now.firing_for) as run)
        );
        v_now.fired_task := 0;
        v_now.fired_linked_task := 0;
    end if;
    v_missed := coalesce(v_now.missed_for, '{}');
    v_many := greatest(
        v_many / greatest(cardinality(v_now.firing_for) + cardinality(v_missed), 1), 1
    );
    if v_now.fired_task is not null then
        select *
        into v_jobs, v_now.fired_task
        from pgdispatch.fire_runs(
            v_now.name, v_now.firing_for, v_now.fired_task, v_many, v_missed
        );
    end if;
    if v_now.fired_task is null then
        select *
        into v_more, v_now.fired_linked_task
        from pgdispatch.fire_linked_tasks(
            v_now.name, v_now.firing_for, v_now.fired_linked_task, greatest(v_many / 10, 1),
            v_missed
        );
    end if;
    update pgdispatch.schedule
    set next_run_at = v_now.next_run_at,
        last_run_at = v_now.last_run_at,
        firing_for = case when v_now.fired_linked_task is not null then v_now.firing_for end,
        missed_for = case when v_now.fired_linked_task is not null then v_now.missed_for end,
        fired_task = v_now.fired_task,
        fired_linked_task = v_now.fired_linked_task,
        put_off_until = case when v_now.fired_linked_task is not null then p_now end,
        last_error = case when v_now.fired_linked_task is not null then last_error end,
        served_ahead = nullif(
            array(select run from unnest(served_ahead) as run where run > p_now order by run), '{}'
        )
    where id = v_now.id;
    return v_jobs + v_more;
end
$$;

comment on function pgdispatch.fire_due(pgdispatch.schedule, timestamptz) is
'Fires a part of a schedule that is due, and returns how many jobs it created.';
