/*
 * A job can have a key, with which there is no second one. What most jobs have in the order is a
 * default of its column, which costs an insert less than the trigger.
 * Locks: job, until the end of the transaction; whoever uses it waits. Nothing is rewritten.
 */
alter table pgdispatch.job
    add column key text,
    add column key_until text,
    add column on_conflict text,
    alter column precedence set default 1,
    alter column type_rank set default -1,
    alter column tie_first set default 0,
    alter column tie_second set default 0;

comment on column pgdispatch.job.key is
'What it is about, in the words of who inserts it, up to 500 characters: there is no second job '
'with it at its site, see key_until and on_conflict.';
comment on column pgdispatch.job.key_until is
'Until when there is no second job with its key. started (default): while it waits; ended: while '
'it waits or runs; forgotten: for as long as the history has it. Of two that differ the longer '
'counts.';
comment on column pgdispatch.job.on_conflict is
'What becomes of an insert whose key is taken. refuse (default): error JD011; nothing: it is left '
'out; replace: the job that waits gets its arguments and priority. Null in the table.';

create table pgdispatch.job_key (
    job bigint primary key,
    site text not null,
    key text not null,
    number integer not null,
    until text not null,
    is_kept boolean not null,
    others bigint[] not null,
    inserted_by text not null,
    taken_at timestamptz not null,
    constraint job_key_number_key unique (key, site, number)
);

create index job_key_taken_at_idx on pgdispatch.job_key (taken_at);

comment on table pgdispatch.job_key is
'The keys that jobs were inserted with; kept for as long as the history of those jobs.';
comment on column pgdispatch.job_key.job is 'Number of the job.';
comment on column pgdispatch.job_key.site is 'Site; of one that was renamed, its name now.';
comment on column pgdispatch.job_key.key is 'The key.';
comment on column pgdispatch.job_key.number is
'How many jobs of the site have had the key by then; the last one counts.';
comment on column pgdispatch.job_key.until is
'Until when there is no second job with the key: started, ended or forgotten.';
comment on column pgdispatch.job_key.is_kept is
'Whether it is taken for as long as the history has the job, or one of the others.';
comment on column pgdispatch.job_key.others is
'Jobs that had the key before and had not ended when this one took it, and the last one before.';
comment on column pgdispatch.job_key.inserted_by is 'The database user who inserted the job.';
comment on column pgdispatch.job_key.taken_at is 'When the job was inserted.';
