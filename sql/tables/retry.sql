/*
 * Which job is a retry of which, see retry_job. Not columns of the job and its history: two of them
 * that are nearly always null were a thirtieth of the instructions of a turn.
 */
create table if not exists pgdispatch.retry (
    job bigint primary key,
    retry_of bigint not null,
    site text not null,
    retried_at timestamptz not null,
    constraint retry_retry_of_key unique (retry_of)
);

create index if not exists retry_retried_at_idx on pgdispatch.retry (retried_at);

comment on table pgdispatch.retry is
'Which job is a retry of which; kept for as long as the history.';
comment on column pgdispatch.retry.job is 'Number of the job that is a retry.';
comment on column pgdispatch.retry.retry_of is
'The job that had ended and was run again by it; each once at most.';
comment on column pgdispatch.retry.site is 'The site of both.';
comment on column pgdispatch.retry.retried_at is 'When the retry was added to the queue.';
