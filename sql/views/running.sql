/* What runs where, for how long, against its usual time. Takes no lock. */
create or replace view pgdispatch.running
with (security_invoker = true) as
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
    j.created_by,
    j.max_attempts,
    j.failures,
    j.linked_run,
    j.step
from pgdispatch.job as j
where j.state = 'running'
order by j.started_at;

comment on view pgdispatch.running is
'The running jobs, the longest first: on which backgrounder, for how long, against their usual '
'time, how far.';
comment on column pgdispatch.running.job is 'Number of the job.';
comment on column pgdispatch.running.attempt is
'Counts the claims; finish, fail and progress must name the current one.';
comment on column pgdispatch.running.backgrounder is 'The backgrounder that runs it.';
comment on column pgdispatch.running.type is 'Job type; must exist in job_type.';
comment on column pgdispatch.running.site is 'Site; default if not given.';
comment on column pgdispatch.running.title is 'Name for people, up to 500 characters.';
comment on column pgdispatch.running.priority is
'1 (highest) to 100; 0 only for Run Now and for flows without a priority of their own.';
comment on column pgdispatch.running.datasource is
'What it refreshes. Two jobs of one site and datasource never run at once.';
comment on column pgdispatch.running.schedule is 'The schedule it belongs to, if any.';
comment on column pgdispatch.running.task is
'The task it is a run of, if any; fills what is not given.';
comment on column pgdispatch.running.started_at is 'When its backgrounder was given it.';
comment on column pgdispatch.running.runs_for is 'How long it has run so far.';
comment on column pgdispatch.running.usually_for is
'How long its task usually runs, as of its creation; null: not known.';
comment on column pgdispatch.running.timeout is
'How long it may run; null when inserted: as its task or type says; null in the table: no limit.';
comment on column pgdispatch.running.progress is 'Per cent done, as reported by its handler.';
comment on column pgdispatch.running.progress_note is 'What its handler is at.';
comment on column pgdispatch.running.cancel_requested_at is 'When its cancellation was asked for.';
comment on column pgdispatch.running.created_by is 'Who wants it; the database user if not given.';
comment on column pgdispatch.running.max_attempts is
'How often it is tried before it fails; null when inserted: as its task or type says.';
comment on column pgdispatch.running.failures is
'How many of its attempts have failed; a retry waits until not_before.';
comment on column pgdispatch.running.linked_run is 'The run of a linked task that it is a step of.';
comment on column pgdispatch.running.step is 'Which step of it.';
