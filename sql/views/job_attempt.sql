/*
 * Every attempt there was: those that ended their job, which the history has, those that did not,
 * and those that run; newest first, before them what runs. Filter it by backgrounder or by job.
 */
create or replace view pgdispatch.job_attempt
with (security_invoker = true) as
select
    a.job,
    a.attempt,
    a.type,
    a.site,
    a.title,
    a.datasource,
    a.schedule,
    a.task,
    a.node,
    a.backgrounder,
    a.asked_at,
    a.started_at,
    a.ended_at,
    date_trunc('milliseconds', a.ended_at - a.started_at) as ran_for,
    a.ended_as,
    false as is_end,
    a.error,
    a.log,
    a.not_before
from pgdispatch.attempt as a
union all
select
    h.id,
    h.attempt,
    h.type,
    h.site,
    h.title,
    h.datasource,
    h.schedule,
    h.task,
    h.node,
    h.backgrounder,
    h.asked_at,
    h.started_at,
    h.ended_at,
    date_trunc('milliseconds', h.ended_at - h.started_at),
    coalesce(h.failed_as, h.outcome),
    true,
    coalesce(h.error, h.cancel_reason),
    h.log,
    null
from pgdispatch.job_history as h
where h.backgrounder is not null
union all
select
    j.id,
    j.attempt,
    j.type,
    j.site,
    j.title,
    j.datasource,
    j.schedule,
    j.task,
    j.node,
    j.backgrounder,
    j.asked_at,
    j.started_at,
    null,
    date_trunc('milliseconds', pgdispatch.now() - j.started_at),
    null,
    false,
    null,
    null,
    null
from pgdispatch.job as j
where j.state = 'running'
order by ended_at desc, job desc, attempt desc;

comment on view pgdispatch.job_attempt is
'Every attempt there was, newest first: those that run, those that ended their job, and those that '
'did not. With a backgrounder: all that it has handled.';
comment on column pgdispatch.job_attempt.job is 'Number of the job.';
comment on column pgdispatch.job_attempt.attempt is 'Which attempt at it, from 1.';
comment on column pgdispatch.job_attempt.type is 'Job type.';
comment on column pgdispatch.job_attempt.site is 'Site.';
comment on column pgdispatch.job_attempt.title is 'Name for people.';
comment on column pgdispatch.job_attempt.datasource is 'What the job refreshes.';
comment on column pgdispatch.job_attempt.schedule is 'The schedule it belongs to, if any.';
comment on column pgdispatch.job_attempt.task is 'The task it is a run of, if any.';
comment on column pgdispatch.job_attempt.node is 'The node that ran it.';
comment on column pgdispatch.job_attempt.backgrounder is 'The backgrounder that ran it.';
comment on column pgdispatch.job_attempt.asked_at is 'When its backgrounder asked for work.';
comment on column pgdispatch.job_attempt.started_at is
'When its backgrounder was given it; null: its handler never began.';
comment on column pgdispatch.job_attempt.ended_at is 'When it ended; null: it runs.';
comment on column pgdispatch.job_attempt.ran_for is 'How long it ran, or has run by now.';
comment on column pgdispatch.job_attempt.ended_as is
'succeeded or cancelled; error, killed or timed out; lost, given back, snoozed or not begun; null: '
'it runs.';
comment on column pgdispatch.job_attempt.is_end is 'Whether its job ended with it.';
comment on column pgdispatch.job_attempt.error is
'What went wrong, or why it was stopped or cancelled, in words.';
comment on column pgdispatch.job_attempt.log is 'The last lines that it logged.';
comment on column pgdispatch.job_attempt.not_before is
'Where another attempt follows: it does not start before this; null: at once.';
