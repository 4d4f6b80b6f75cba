/*
 * Attempts that did not end their job: failed and tried again, lost, or given back. How the last
 * one ended, and a job that succeeds at once, is in job_history alone; the view job_attempt has all
 * of them. Partitioned by the month of their end, as the history is, and kept as long.
 */
create table if not exists pgdispatch.attempt (
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
    not_before timestamptz,
    due_at timestamptz
) partition by range (ended_at);

create table if not exists pgdispatch.attempt_default partition of pgdispatch.attempt default;

create index if not exists attempt_job_idx on pgdispatch.attempt (job, attempt);
create index if not exists attempt_backgrounder_idx on pgdispatch.attempt (backgrounder, ended_at);
create index if not exists attempt_ended_idx on pgdispatch.attempt (ended_at, job);

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
comment on column pgdispatch.attempt.due_at is
'It did not start before this: what not_before of its job was meanwhile; null: none.';

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
