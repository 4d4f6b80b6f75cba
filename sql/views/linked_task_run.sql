/* The runs of linked tasks, newest first: one row for each step. Takes no lock. */
create or replace view pgdispatch.linked_task_run
with (security_invoker = true) as
select
    r.id as run,
    r.linked_task,
    l.title,
    r.scheduled_at,
    r.run_now,
    r.created_by,
    r.created_at,
    r.skipped_for,
    s.step,
    s.task,
    t.title as task_title,
    case
        when r.skipped_for is not null then 'skipped'
        when s.state is not null then s.state
        when s.step < max(s.step) filter (where s.job is not null) over (partition by r.id)
            then 'passed over'
        else 'not reached'
    end as state,
    s.job,
    s.started_at,
    s.ended_at
from pgdispatch.linked_run as r
left join pgdispatch.linked_task as l on l.id = r.linked_task
left join lateral (
    select
        coalesce(j.step, d.step) as step,
        coalesce(j.task, d.task) as task,
        j.state,
        j.job,
        j.started_at,
        j.ended_at
    from (
        select
            k.step,
            k.task
        from pgdispatch.linked_task_step as k
        where k.linked_task = r.linked_task
    ) as d
    full join (
        select
            w.step,
            w.task,
            case w.state when 'running' then 'running' else 'waiting' end as state,
            w.id as job,
            w.started_at,
            null::timestamptz as ended_at
        from pgdispatch.job as w
        where w.linked_run = r.id
        union all
        select
            h.step,
            h.task,
            h.outcome,
            h.id,
            h.started_at,
            h.ended_at
        from pgdispatch.job_history as h
        where h.linked_run = r.id
    ) as j on j.step = d.step
) as s on r.skipped_for is null
left join pgdispatch.task as t on t.id = s.task
order by r.id desc, s.step;

comment on view pgdispatch.linked_task_run is
'Each run of a linked task, newest first, with the state of every step; a skipped run is one row '
'without a step.';
comment on column pgdispatch.linked_task_run.run is 'Number of the run.';
comment on column pgdispatch.linked_task_run.linked_task is 'The linked task.';
comment on column pgdispatch.linked_task_run.title is 'Its name; null: it has been deleted.';
comment on column pgdispatch.linked_task_run.scheduled_at is 'The scheduled time; null: Run Now.';
comment on column pgdispatch.linked_task_run.run_now is 'Whether it was started by hand.';
comment on column pgdispatch.linked_task_run.created_by is 'Who started it.';
comment on column pgdispatch.linked_task_run.created_at is 'When.';
comment on column pgdispatch.linked_task_run.skipped_for is
'Why nothing was run: waiting (the run before had not ended), suspended (the first step is), or '
'missed (nobody was up then, and the schedule skips such times); null: it was run.';
comment on column pgdispatch.linked_task_run.step is 'The step; null: the run was skipped.';
comment on column pgdispatch.linked_task_run.task is 'The flow that the step runs.';
comment on column pgdispatch.linked_task_run.task_title is 'The name of the flow.';
comment on column pgdispatch.linked_task_run.state is
'waiting, running, succeeded, failed, cancelled; not reached (yet); passed over (its flow was '
'disabled or suspended, which does not stop it); skipped (the whole run).';
comment on column pgdispatch.linked_task_run.job is 'The job of the step, if it was reached.';
comment on column pgdispatch.linked_task_run.started_at is 'When that job started.';
comment on column pgdispatch.linked_task_run.ended_at is 'When that job ended.';
