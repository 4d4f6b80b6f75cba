/*
 * Where producers `copy` jobs to: PostgreSQL refuses `copy` into a table with row-level security to
 * all but its owner. Always empty. See insert_job. Takes no lock.
 */
create or replace view pgdispatch.new_job as
select
    j.type,
    j.site,
    j.title,
    j.datasource,
    j.schedule,
    j.task,
    j.priority,
    j.args,
    j.not_before,
    j.timeout,
    j.max_attempts,
    j.created_by,
    j.traceparent,
    j.key,
    j.key_until,
    j.on_conflict
from pgdispatch.job as j
where false;

comment on view pgdispatch.new_job is
'Takes jobs by copy: what is written here is inserted into job. Always empty.';
comment on column pgdispatch.new_job.type is
'Job type; must exist in job_type.';
comment on column pgdispatch.new_job.site is
'Site; default if not given.';
comment on column pgdispatch.new_job.title is
'Name for people, up to 500 characters.';
comment on column pgdispatch.new_job.datasource is
'What it refreshes. Two jobs of one site and datasource never run at once.';
comment on column pgdispatch.new_job.schedule is
'The schedule it belongs to, if any.';
comment on column pgdispatch.new_job.task is
'The task it is a run of, if any; fills what is not given.';
comment on column pgdispatch.new_job.priority is
'1 (highest) to 100; 0 only for Run Now and for flows without a priority of their own.';
comment on column pgdispatch.new_job.args is
'A JSON object for the handler; data, never executed.';
comment on column pgdispatch.new_job.not_before is
'It does not start before this.';
comment on column pgdispatch.new_job.timeout is
'How long it may run; null when inserted: as its task or type says; null in the table: no limit.';
comment on column pgdispatch.new_job.max_attempts is
'How often it is tried before it fails; null when inserted: as its task or type says.';
comment on column pgdispatch.new_job.created_by is
'Who wants it; the database user if not given.';
comment on column pgdispatch.new_job.traceparent is
'The trace that it belongs to, as in the W3C header of that name; what is not one is left out.';
comment on column pgdispatch.new_job.key is
'What it is about, in the words of who inserts it, up to 500 characters: there is no second job '
'with it at its site, see key_until and on_conflict.';
comment on column pgdispatch.new_job.key_until is
'Until when there is no second job with its key. started (default): while it waits; ended: while '
'it waits or runs; forgotten: for as long as the history has it. Of two that differ the longer '
'counts.';
comment on column pgdispatch.new_job.on_conflict is
'What becomes of an insert whose key is taken. refuse (default): error JD011; nothing: it is left '
'out; replace: the job that waits gets its arguments and priority. Null in the table.';

create or replace trigger insert_job
instead of insert on pgdispatch.new_job
for each row execute function pgdispatch.insert_job();

comment on trigger insert_job on pgdispatch.new_job is 'Inserts into job what is copied here.';
