/*
 * Attempts that did not end their job are kept; it is noted which job is a retry of which.
 * Locks: none that anybody waits for.
 */
create table pgdispatch.attempt (
    job bigint not null,
    attempt integer not null,
    type text not null,
    site text not null,
    title text,
    datasource text,
    schedule text,
    task bigint,
    node text,
    backgrounder text,
    asked_at timestamptz,
    started_at timestamptz,
    ended_at timestamptz not null,
    ended_as text not null,
    error text,
    log text,
    not_before timestamptz
) partition by range (ended_at);

create table pgdispatch.attempt_default partition of pgdispatch.attempt default;

create index attempt_job_idx on pgdispatch.attempt (job, attempt);
create index attempt_backgrounder_idx on pgdispatch.attempt (backgrounder, ended_at);
create index attempt_ended_idx on pgdispatch.attempt (ended_at, job);

alter table pgdispatch.attempt replica identity full;
alter table pgdispatch.attempt_default replica identity full;

comment on table pgdispatch.attempt is
'Attempts that did not end their job; one partition a month. The view job_attempt has all others, '
'too.';
comment on table pgdispatch.attempt_default is
'Catches what no monthly partition takes; empty as long as roll_history runs.';

comment on column pgdispatch.attempt.job is 'Number of the job.';
comment on column pgdispatch.attempt.attempt is 'Which attempt at it, from 1.';
comment on column pgdispatch.attempt.type is 'Job type.';
comment on column pgdispatch.attempt.site is 'Site.';
comment on column pgdispatch.attempt.title is 'Name for people.';
comment on column pgdispatch.attempt.datasource is 'What the job refreshes.';
comment on column pgdispatch.attempt.schedule is 'The schedule it belongs to, if any.';
comment on column pgdispatch.attempt.task is 'The task it is a run of, if any.';
comment on column pgdispatch.attempt.node is 'The node that ran it.';
comment on column pgdispatch.attempt.backgrounder is 'The backgrounder that ran it.';
comment on column pgdispatch.attempt.asked_at is 'When its backgrounder asked for work.';
comment on column pgdispatch.attempt.started_at is
'When its backgrounder was given it; null: its handler never began.';
comment on column pgdispatch.attempt.ended_at is 'When it ended.';
comment on column pgdispatch.attempt.ended_as is
'error (the handler said so), killed (its process died) or timed out, which spend a retry; lost '
'(its node was), given back (its node stopped it), snoozed (its handler wants it later) or '
'not begun (no handler got it), which do not.';
comment on column pgdispatch.attempt.error is 'What went wrong, or why it was stopped, in words.';
comment on column pgdispatch.attempt.log is 'The last lines that it logged.';
comment on column pgdispatch.attempt.not_before is
'The next attempt does not start before this; null: at once.';

do $$
declare
    v_column pg_attribute;
begin
    for v_column in
        select *
        from pg_attribute
        where attrelid = 'pgdispatch.attempt'::regclass
            and attnum > 0
    loop
        execute format(
            'comment on column pgdispatch.attempt_default.%I is %L', v_column.attname,
            col_description(v_column.attrelid, v_column.attnum)
        );
    end loop;
end $$;

create table pgdispatch.retry (
    job bigint primary key,
    retry_of bigint not null,
    site text not null,
    retried_at timestamptz not null,
    constraint retry_retry_of_key unique (retry_of)
);

create index retry_retried_at_idx on pgdispatch.retry (retried_at);

comment on table pgdispatch.retry is
'Which job is a retry of which; kept for as long as the history.';
comment on column pgdispatch.retry.job is 'Number of the job that is a retry.';
comment on column pgdispatch.retry.retry_of is
'The job that had ended and was run again by it; each once at most.';
comment on column pgdispatch.retry.site is 'The site of both.';
comment on column pgdispatch.retry.retried_at is 'When the retry was added to the queue.';
