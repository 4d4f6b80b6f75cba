/* The history as a person reads it, newest first. Filter it by backgrounder, site, task … */
create or replace view pgdispatch.background_task
with (security_invoker = true) as
select
    h.id as job,
    h.type,
    h.site,
    h.title,
    h.outcome,
    h.failed_as,
    h.error,
    h.priority,
    h.run_now,
    h.backgrounder,
    h.attempt,
    h.created_by,
    h.created_at,
    h.scheduled_at,
    h.started_at,
    h.ended_at,
    date_trunc('milliseconds', coalesce(d.first_started_at, h.ended_at) - h.created_at)
        as waited_for,
    date_trunc('milliseconds', h.ended_at - h.started_at) as ran_for,
    h.parked_gates,
    h.promoted_at,
    h.datasource,
    h.schedule,
    h.task,
    h.cancelled_by,
    h.cancel_reason,
    h.result,
    h.log,
    h.max_attempts,
    h.failures,
    h.losses,
    h.linked_run,
    h.step,
    h.node,
    (select r.retry_of from pgdispatch.retry as r where r.job = h.id) as retry_of,
    (select r.job from pgdispatch.retry as r where r.retry_of = h.id) as retried_as,
    d.due_at,
    d.first_started_at,
    date_trunc('milliseconds', d.first_started_at - d.due_at) as delayed_for
from pgdispatch.job_history as h
cross join lateral (
    select
        coalesce(
            h.scheduled_at,
            case when h.failures = 0 then greatest(h.created_at, h.not_before) end,
            h.created_at
        ) as due_at,
        case
            when h.attempt = 0 or h.attempt = 1 and h.started_at is not null
                then h.started_at
            else least(h.started_at, (
                select min(a.started_at) from pgdispatch.attempt as a where a.job = h.id
            ))
        end as first_started_at
) as d
order by h.ended_at desc, h.id desc;

comment on view pgdispatch.background_task is
'Finished jobs, newest first, with how long each waited and ran and at which gates it waited.';
comment on column pgdispatch.background_task.job is 'Number of the job.';
comment on column pgdispatch.background_task.type is 'Job type; must exist in job_type.';
comment on column pgdispatch.background_task.site is 'Site; default if not given.';
comment on column pgdispatch.background_task.title is 'Name for people, up to 500 characters.';
comment on column pgdispatch.background_task.outcome is 'succeeded, failed or cancelled.';
comment on column pgdispatch.background_task.failed_as is
'For a failed job: error (the handler said so), killed (its process died), timed out or lost.';
comment on column pgdispatch.background_task.error is 'What went wrong, in words.';
comment on column pgdispatch.background_task.priority is
'1 (highest) to 100; 0 only for Run Now and for flows without a priority of their own.';
comment on column pgdispatch.background_task.run_now is 'Whether it was started by hand.';
comment on column pgdispatch.background_task.backgrounder is 'The backgrounder that runs it.';
comment on column pgdispatch.background_task.attempt is
'Counts the claims; finish, fail and progress must name the current one.';
comment on column pgdispatch.background_task.created_by is
'Who wants it; the database user if not given.';
comment on column pgdispatch.background_task.created_at is 'When it was added to the queue.';
comment on column pgdispatch.background_task.scheduled_at is
'The scheduled time that it serves, if any.';
comment on column pgdispatch.background_task.started_at is
'When its last attempt started; see first_started_at.';
comment on column pgdispatch.background_task.ended_at is 'When it ended.';
comment on column pgdispatch.background_task.waited_for is
'How long it waited, from its creation to the start of its first attempt, or, if it had none, to '
'its end.';
comment on column pgdispatch.background_task.ran_for is 'How long its last attempt ran.';
comment on column pgdispatch.background_task.parked_gates is
'The gates at which it has been parked so far.';
comment on column pgdispatch.background_task.promoted_at is
'When it left the overflow of its site, if it was there.';
comment on column pgdispatch.background_task.datasource is
'What it refreshes. Two jobs of one site and datasource never run at once.';
comment on column pgdispatch.background_task.schedule is 'The schedule it belongs to, if any.';
comment on column pgdispatch.background_task.task is
'The task it is a run of, if any; fills what is not given.';
comment on column pgdispatch.background_task.cancelled_by is 'Who asked for it.';
comment on column pgdispatch.background_task.cancel_reason is 'Why.';
comment on column pgdispatch.background_task.result is 'What the handler returned.';
comment on column pgdispatch.background_task.log is
'The last lines that it logged, each with its time in UTC if a node wrote it; all: log_lines.';
comment on column pgdispatch.background_task.max_attempts is
'How often it is tried before it fails; null when inserted: as its task or type says.';
comment on column pgdispatch.background_task.failures is 'How many of its attempts had failed.';
comment on column pgdispatch.background_task.losses is 'How many times its node was lost.';
comment on column pgdispatch.background_task.linked_run is
'The run of a linked task that it was a step of.';
comment on column pgdispatch.background_task.step is 'Which step of it.';
comment on column pgdispatch.background_task.node is 'The node that ran it.';
comment on column pgdispatch.background_task.retry_of is
'The job that had ended and was run again by this one, see retry_job.';
comment on column pgdispatch.background_task.retried_as is
'The job by which it was run again, see retry_job; null: none was.';
comment on column pgdispatch.background_task.due_at is
'When it was to start: its scheduled time; else not_before, or when it was added. A retry has a '
'not_before of its own: of a job with failures it is when it was added.';
comment on column pgdispatch.background_task.first_started_at is
'When its first attempt started; null: none has.';
comment on column pgdispatch.background_task.delayed_for is
'How long after due_at it started.';
