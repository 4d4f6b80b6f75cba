/*
 * Creates the jobs of one schedule for some scheduled times, in one statement: one job for each
 * time and enabled task. Whether a job of the task still waits is seen as it was before.
 * Locks: the caller holds the schedule's row; the rows of its tasks, so that run_now does not add a
 * second waiting job. The clock must not wait for a person, so rows held by others are skipped: who
 * edits a task does no harm, and a Run Now that is under way shows by is_starting.
 * Rivals: the key of occurrence lets one of two callers create each job.
 * Without nested loops (on tables never analyzed they take minutes for 10,000 tasks) and without
 * jit, which their penalty would set off.
 */
create or replace function pgdispatch.fire_runs(p_schedule text, p_runs timestamptz[])
returns integer
language plpgsql
set enable_nestloop = off
set jit = off
as $$
declare
    v_since constant timestamptz :=
        pgdispatch.now() - 3600 * pgdispatch.seconds('history_hours');
    v_held bigint[];
    v_others bigint[];
    v_starting bigint[];
    v_count integer;
begin
    v_held := array(
        select id
        from pgdispatch.task
        where schedule = p_schedule
            and enabled
        for no key update skip locked
    );
    v_others := array(
        select id
        from pgdispatch.task
        where schedule = p_schedule
            and enabled
        except
        select unnest(v_held)
    );
    v_starting := array(
        select id
        from unnest(v_others) as id
        where pgdispatch.is_starting(id)
    );
    with usual as (
        select
            t.id,
            avg(extract(epoch from h.ended_at - h.started_at)) as seconds
        from pgdispatch.task as t
        join pgdispatch.job_history as h
            on h.task = t.id
            and h.outcome = 'succeeded'
            and h.ended_at > v_since
            and h.started_at >= coalesce(t.history_since, '-infinity')
        where t.schedule = p_schedule
            and t.enabled
        group by t.id
    ),
    fired as (
        insert into pgdispatch.occurrence (task, scheduled_at, skipped_for)
        select
            t.id,
            run,
            case
                when s.task is not null then 'suspended'
                when exists (
                    select
                    from pgdispatch.job as j
                    where j.task = t.id
                        and j.state <> 'running'
                ) or t.id = any (v_starting) then 'waiting'
            end
        from pgdispatch.task as t
        cross join unnest(p_runs) as run
        left join pgdispatch.suspension as s
            on s.task = t.id
            and s.streak_since is not distinct from t.streak_since
        where t.schedule = p_schedule
            and t.enabled
        order by run, t.id
        on conflict do nothing
        returning task, scheduled_at, skipped_for
    )
    insert into pgdispatch.job (task, scheduled_at, usual_seconds, created_by)
    select
        f.task,
        f.scheduled_at,
        coalesce(u.seconds, 'infinity'),
        'schedule ' || p_schedule
    from fired as f
    left join usual as u on u.id = f.task
    where f.skipped_for is null
    order by f.scheduled_at, f.task;
    get diagnostics v_count = row_count;
    v_count := v_count + pgdispatch.fire_linked_tasks(p_schedule, p_runs);
    update pgdispatch.schedule
    set last_run_at = greatest(last_run_at, (select max(run) from unnest(p_runs) as run))
    where name = p_schedule;
    return v_count;
end
$$;

comment on function pgdispatch.fire_runs(text, timestamptz[]) is
'Creates the jobs of a schedule for these scheduled times and returns how many.';
