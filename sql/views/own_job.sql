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
    null::jsonb as result,
    k.key,
    j.cancel_reason
from pgdispatch.job as j
left join pgdispatch.job_key as k on k.job = j.id
where j.inserted_by = session_user
    and (
        (select pgdispatch.own_sites()) is null
        or j.site = any ((select pgdispatch.own_sites())::text[])
    )
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
    h.result,
    k.key,
    h.cancel_reason
from pgdispatch.job_history as h
left join pgdispatch.job_key as k on k.job = h.id
where h.inserted_by = session_user
    and (
        (select pgdispatch.own_sites()) is null
        or h.site = any ((select pgdispatch.own_sites())::text[])
    );

comment on view pgdispatch.own_job is
'The jobs that the current database user inserted, whatever has become of them.';
comment on column pgdispatch.own_job.job is 'Number of the job.';
comment on column pgdispatch.own_job.type is 'Job type; must exist in job_type.';
comment on column pgdispatch.own_job.site is 'Site; default if not given.';
comment on column pgdispatch.own_job.title is 'Name for people, up to 500 characters.';
comment on column pgdispatch.own_job.priority is
'1 (highest) to 100; 0 only for Run Now and for flows without a priority of their own.';
comment on column pgdispatch.own_job.state is 'waiting, running, succeeded, failed or cancelled.';
comment on column pgdispatch.own_job.created_by is 'Who wants it; the database user if not given.';
comment on column pgdispatch.own_job.created_at is 'When it was added to the queue.';
comment on column pgdispatch.own_job.started_at is 'When its backgrounder was given it.';
comment on column pgdispatch.own_job.ended_at is 'When it ended; null: not yet.';
comment on column pgdispatch.own_job.progress is 'Per cent done, as reported by its handler.';
comment on column pgdispatch.own_job.error is 'What went wrong, in words.';
comment on column pgdispatch.own_job.result is 'What the handler returned.';
comment on column pgdispatch.own_job.key is
'The key that it was inserted with; a condition on it finds the jobs by an index.';
comment on column pgdispatch.own_job.cancel_reason is
'Why its cancellation was asked for; null: it was not, or nobody said why.';
