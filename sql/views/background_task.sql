/* The history as a person reads it, newest first. Filter it by backgrounder, site, task … */
create or replace view pgdispatch.background_task as
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
    date_trunc('milliseconds', h.started_at - h.created_at) as waited_for,
    date_trunc('milliseconds', h.ended_at - h.started_at) as ran_for,
    h.parked_gates,
    h.promoted_at,
    h.datasource,
    h.schedule,
    h.task,
    h.cancelled_by,
    h.cancel_reason,
    h.result,
    h.log
from pgdispatch.job_history as h
order by h.ended_at desc, h.id desc;

comment on view pgdispatch.background_task is
'Finished jobs, newest first, with how long each waited and ran and at which gates it waited.';
