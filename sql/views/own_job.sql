/* What a producer may see: the jobs that it inserted itself, waiting, running or ended. */
create or replace view pgdispatch.own_job
with (security_barrier = true) as
select
    j.id as job,
    j.type,
    j.site,
    j.title,
    j.priority,
    case j.state when 'running' then 'running' else 'waiting' end as state,
    j.created_by,
    j.created_at,
    j.started_at,
    null::timestamptz as ended_at,
    j.progress,
    null::text as error,
    null::jsonb as result
from pgdispatch.job as j
where j.inserted_by = session_user
union all
select
    h.id,
    h.type,
    h.site,
    h.title,
    h.priority,
    h.outcome,
    h.created_by,
    h.created_at,
    h.started_at,
    h.ended_at,
    h.progress,
    h.error,
    h.result
from pgdispatch.job_history as h
where h.inserted_by = session_user;

comment on view pgdispatch.own_job is
'The jobs that the current database user inserted, whatever has become of them.';
