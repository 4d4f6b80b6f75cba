/* Scheduled against started: how late each scheduled job began, or is by now. */
create or replace view pgdispatch.delay as
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
    h.parked_gates
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
    j.parked_gates
from pgdispatch.job as j
where j.scheduled_at is not null;

comment on view pgdispatch.delay is
'How long after its scheduled time each scheduled job started; started_at null: it still waits.';
