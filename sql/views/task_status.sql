/*
 * The tasks: how each is doing, and its job in the queue. What failure_streak and usual_seconds say
 * is written out: for whoever is confined each call would ask anew whose rows it may see. Failures
 * are told apart after they are read, since the last success; the index of all failures is slower.
 * Takes no lock.
 */
create or replace view pgdispatch.task_status
with (security_invoker = true) as
select
    t.id as task,
    t.title,
    t.site,
    t.type,
    t.schedule,
    t.priority,
    t.datasource,
    t.enabled,
    k.failures,
    p.suspended_at,
    p.job as suspended_by,
    make_interval(secs => round(u.seconds, 3)::double precision) as usually_for,
    j.id as job,
    j.state as job_state,
    case
        when t.enabled and p.task is null then s.next_run_at
    end as next_run_at,
    h.id as last_job,
    h.outcome as last_outcome,
    h.error as last_error,
    h.ended_at as last_ended_at,
    t.args,
    t.timeout,
    t.max_attempts,
    t.created_at,
    t.enabled_at
from pgdispatch.task as t
left join pgdispatch.suspension as p
    on p.task = t.id
    and p.streak_since is not distinct from t.streak_since
left join pgdispatch.schedule as s on s.name = t.schedule
cross join lateral (
    select
        (count(*) filter (where f.outcome = 'failed' and f.failed_as <> 'lost'))::integer
        as failures
    from pgdispatch.job_history as f
    where f.task = t.id
        and f.ended_at > greatest(
            coalesce(t.streak_since, '-infinity'),
            (
                select max(s.ended_at)
                from pgdispatch.job_history as s
                where s.task = t.id
                    and s.outcome = 'succeeded'
            )
        )
) as k
cross join lateral (
    select avg(extract(epoch from w.ended_at - w.started_at)) as seconds
    from pgdispatch.job_history as w
    where w.task = t.id
        and w.outcome = 'succeeded'
        and (t.history_since is null or w.started_at >= t.history_since)
        and w.ended_at > (
            select pgdispatch.now() - 3600 * pgdispatch.seconds('history_hours')
        )
) as u
left join lateral (
    select
        r.id,
        case r.state when 'running' then 'running' else 'waiting' end as state
    from pgdispatch.job as r
    where r.task = t.id
    order by r.state = 'running' desc, r.id
    limit 1
) as j on true
left join lateral (
    select
        e.id,
        e.outcome,
        e.error,
        e.ended_at
    from pgdispatch.job_history as e
    where e.task = t.id
    order by e.ended_at desc, e.id desc
    limit 1
) as h on true
order by t.id;

comment on view pgdispatch.task_status is
'Each task, by number, with its failures in a row, whether it is suspended, its usual run time, '
'its job in the queue and its last run.';
comment on column pgdispatch.task_status.task is 'Number of the task.';
comment on column pgdispatch.task_status.title is 'Name for people, up to 500 characters.';
comment on column pgdispatch.task_status.site is 'The site it belongs to.';
comment on column pgdispatch.task_status.type is 'The type of its jobs.';
comment on column pgdispatch.task_status.schedule is
'The schedule that runs it; null: only Run Now or a linked task does.';
comment on column pgdispatch.task_status.priority is
'1 (highest) to 100; null for types that read their schedule.';
comment on column pgdispatch.task_status.datasource is
'What its jobs refresh; null: nothing shared.';
comment on column pgdispatch.task_status.enabled is 'Whether its schedule creates jobs for it.';
comment on column pgdispatch.task_status.failures is 'How many jobs of it have failed in a row.';
comment on column pgdispatch.task_status.suspended_at is
'When it was suspended for them; null: it is not.';
comment on column pgdispatch.task_status.suspended_by is
'The job whose failure was the last of them.';
comment on column pgdispatch.task_status.usually_for is
'How long it usually runs: the mean over its recent successful runs; null: none.';
comment on column pgdispatch.task_status.job is 'Its job in the queue, if any.';
comment on column pgdispatch.task_status.job_state is 'waiting or running.';
comment on column pgdispatch.task_status.next_run_at is
'The next scheduled time of its schedule; null: none, or it is disabled or suspended.';
comment on column pgdispatch.task_status.last_job is 'Its job that ended last, if any.';
comment on column pgdispatch.task_status.last_outcome is 'succeeded, failed or cancelled.';
comment on column pgdispatch.task_status.last_error is 'What went wrong, in words.';
comment on column pgdispatch.task_status.last_ended_at is 'When that job ended.';
comment on column pgdispatch.task_status.args is
'A JSON object for the handler; data, never executed.';
comment on column pgdispatch.task_status.timeout is
'How long a run may take; null: as its site says for its type, else as its type says.';
comment on column pgdispatch.task_status.max_attempts is
'How often a job of it is tried before it fails; null: as its type says.';
comment on column pgdispatch.task_status.created_at is 'When it was created or last republished.';
comment on column pgdispatch.task_status.enabled_at is 'When it was created or last enabled.';
