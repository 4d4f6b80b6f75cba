/*
 * Creates jobs of one schedule for some scheduled times, in one statement: one job for each time
 * and each enabled task after one of them, so many at most. Whether a job of the task still waits
 * is seen as it was before.
 * Locks: the caller holds the schedule's row; the lock 'fire' of the schedule, for which a Run Now
 * of one of its tasks waits before it looks for a job. One that has passed that point, and may be
 * kept open by a person, shows in starts_under_way: the clock waits for nobody.
 * Rivals: the key of occurrence lets one of two callers create each job.
 * Times in p_missed that a closed window has swallowed are recorded as closed.
 * Without nested loops (on tables never analyzed they take minutes for 10,000 tasks) and without
 * jit, which their penalty would set off.
 */
create or replace function pgdispatch.fire_runs(
    p_schedule text,
    p_runs timestamptz[],
    p_after bigint,
    p_many integer,
    p_missed timestamptz[] default '{}',
    p_beside boolean default false,
    out jobs integer,
    out upto bigint
)
returns record
language plpgsql
set enable_nestloop = off
set jit = off
as $$
declare
    v_since constant timestamptz :=
        pgdispatch.now() - 3600 * pgdispatch.seconds('history_hours');
    v_starting integer[];
    v_closed constant timestamptz[] := array(
        select run
        from unnest(p_missed) as run
        cross join lateral pgdispatch.closing_of(p_schedule, run) as c
        where not c.run_at_end
    );
    v_upto bigint;
    v_count bigint;
begin
    perform pg_advisory_xact_lock(pgdispatch.lock_class('fire'), id)
    from (select (id % 2147483648)::integer as id from pgdispatch.schedule where name = p_schedule)
        as schedule;
    v_starting := pgdispatch.starts_under_way(pgdispatch.lock_class('task_start'));
    select
        max(part.id),
        count(*)
    into v_upto, v_count
    from (
        select t.id
        from pgdispatch.task as t
        where t.schedule = p_schedule
            and t.enabled
            and t.id > p_after
        order by t.id
        limit p_many
    ) as part;
    upto := case when v_count = p_many then v_upto end;
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
            and t.id > p_after
            and t.id <= v_upto
        group by t.id
    ),
    fired as (
        insert into pgdispatch.occurrence (task, scheduled_at, skipped_for)
        select
            t.id,
            run,
            case
                when run = any (v_closed) then 'closed'
                when run = any (p_missed) then 'missed'
                when s.task is not null then 'suspended'
                when p_beside then null
                when exists (
                    select
                    from pgdispatch.job as j
                    where j.task = t.id
                        and j.state <> 'running'
                ) or (t.id % 2147483648)::integer = any (v_starting) then 'waiting'
            end
        from pgdispatch.task as t
        cross join unnest(p_missed || p_runs) as run
        left join pgdispatch.suspension as s
            on s.task = t.id
            and s.streak_since is not distinct from t.streak_since
        where t.schedule = p_schedule
            and t.enabled
            and t.id > p_after
            and t.id <= v_upto
            and (run <> all (p_missed) or run >= t.enabled_at)
        order by run, t.id
        on conflict (task, scheduled_at) do update
        set skipped_for = excluded.skipped_for
        where occurrence.skipped_for = 'missed'  -- somebody makes up for it by hand
            and excluded.skipped_for is distinct from 'missed'
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
    get diagnostics jobs = row_count;
end
$$;

comment on function pgdispatch.fire_runs(
    text, timestamptz[], bigint, integer, timestamptz[], boolean
) is
'Creates the jobs of a schedule for these scheduled times: for the tasks numbered after p_after, '
'p_many at most (null: all). p_missed: times that are recorded as missed only. p_beside: '
'beside jobs of the same task that wait. jobs: how many; upto: where to go on, null: all are done.';
