/* What runs where, for how long, against its usual time. Takes no lock. */
create or replace view pgdispatch.running as
select
    j.id as job,
    j.attempt,
    j.backgrounder,
    j.type,
    j.site,
    j.title,
    j.priority,
    j.datasource,
    j.schedule,
    j.task,
    j.started_at,
    date_trunc('milliseconds', pgdispatch.now() - j.started_at) as runs_for,
    make_interval(secs => round(j.usual_seconds::numeric, 3)::double precision) as usually_for,
    j.timeout,
    j.progress,
    j.progress_note,
    j.cancel_requested_at,
    j.created_by
from pgdispatch.job as j
where j.state = 'running'
order by j.started_at;

comment on view pgdispatch.running is
'The running jobs: on which backgrounder, for how long, against their usual time, how far.';
