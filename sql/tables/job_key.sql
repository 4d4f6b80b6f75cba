/*
 * Every job that was inserted with a key, in the order in which they took it (number). Rows are
 * only added, never changed: a row that each insert updated would be a chain of versions that the
 * next one walks, for as long as anybody holds a snapshot.
 *
 * Of two rivals for one key both want the same number: the second waits for the first at the unique
 * index, and looks anew, or is told that it cannot (40001) where its snapshot is older than that.
 *
 * Not columns of the history: each is paid for by every job that ends.
 */
create table if not exists pgdispatch.job_key (
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

create index if not exists job_key_taken_at_idx on pgdispatch.job_key (taken_at);

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
