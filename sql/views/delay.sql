/* Scheduled against started: how late each scheduled job began, or is by now. */
create or replace view pgdispatch.delay
with (security_invoker = true) as
select
    h.id as job,
    h.schedule,
    h.task,
    h.type,
    h.site,
    h.title,
    h.scheduled_at,
    h.started_at,
    h.started_at - h.scheduled_at as delayed_for,
    h.parked_gates,
    h.ended_at
from pgdispatch.job_history as h
where h.scheduled_at is not null
    and h.started_at is not null
union all
select
    j.id,
    j.schedule,
    j.task,
    j.type,
    j.site,
    j.title,
    j.scheduled_at,
    j.started_at,
    coalesce(j.started_at, pgdispatch.now()) - j.scheduled_at,
    j.parked_gates,
    null
from pgdispatch.job as j
where j.scheduled_at is not null;

comment on view pgdispatch.delay is
'Every job that has a scheduled time, waiting, running or ended after it had started: how late it '
'started.';
comment on column pgdispatch.delay.job is 'Number of the job.';
comment on column pgdispatch.delay.schedule is 'The schedule it belongs to, if any.';
comment on column pgdispatch.delay.task is
'The task it is a run of, if any; fills what is not given.';
comment on column pgdispatch.delay.type is 'Job type; must exist in job_type.';
comment on column pgdispatch.delay.site is 'Site; default if not given.';
comment on column pgdispatch.delay.title is 'Name for people, up to 500 characters.';
comment on column pgdispatch.delay.scheduled_at is 'The scheduled time that it serves, if any.';
comment on column pgdispatch.delay.started_at is 'When its backgrounder was given it.';
comment on column pgdispatch.delay.delayed_for is
'How long after its scheduled time it started, or has waited by now.';
comment on column pgdispatch.delay.parked_gates is 'The gates at which it has been parked so far.';
comment on column pgdispatch.delay.ended_at is
'When it ended; null: not yet. A condition on it spares reading the whole history.';
