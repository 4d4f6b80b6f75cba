/*
 * Scheduled against started: how late each scheduled job began, or is by now. A job has started
 * when its first attempt has; only of those that had several are earlier ones looked up.
 */
create or replace view pgdispatch.delay
with (security_invoker = true) as
select
    d.job,
    d.schedule,
    d.task,
    d.type,
    d.site,
    d.title,
    d.scheduled_at,
    d.started_at,
    coalesce(d.started_at, pgdispatch.now()) - d.scheduled_at as delayed_for,
    d.parked_gates,
    d.ended_at
from (
    select
        h.id as job,
        h.schedule,
        h.task,
        h.type,
        h.site,
        h.title,
        h.scheduled_at,
        case
            when h.attempt = 0 or h.attempt = 1 and h.started_at is not null
                then h.started_at
            else least(h.started_at, (
                select min(a.started_at) from pgdispatch.attempt as a where a.job = h.id
            ))
        end as started_at,
        h.parked_gates,
        h.ended_at
    from pgdispatch.job_history as h
    where h.scheduled_at is not null
        and h.attempt > 0
    union all
    select
        j.id,
        j.schedule,
        j.task,
        j.type,
        j.site,
        j.title,
        j.scheduled_at,
        case
            when j.attempt = 0 or j.attempt = 1 and j.started_at is not null
                then j.started_at
            else least(j.started_at, (
                select min(a.started_at) from pgdispatch.attempt as a where a.job = j.id
            ))
        end,
        j.parked_gates,
        null
    from pgdispatch.job as j
    where j.scheduled_at is not null
) as d
where d.started_at is not null
    or d.ended_at is null;

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
comment on column pgdispatch.delay.started_at is
'When its first attempt started; null: none has.';
comment on column pgdispatch.delay.delayed_for is
'How long after its scheduled time it started, or has waited by now.';
comment on column pgdispatch.delay.parked_gates is 'The gates at which it has been parked so far.';
comment on column pgdispatch.delay.ended_at is
'When it ended; null: not yet. A condition on it spares reading the whole history.';
