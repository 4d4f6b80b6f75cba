/*
 * Finished jobs, partitioned by the month of their end. roll_history makes partitions ahead
 * and drops old ones; rows are never deleted one by one, but for those that the default partition
 * has caught.
 */
create table if not exists pgdispatch.job_history (
    id bigint not null,
    attempt integer not null,
    type text not null,
    site text not null,
    title text,
    datasource text,
    schedule text,
    task bigint,
    priority smallint not null,
    args jsonb not null,
    not_before timestamptz,
    timeout interval,
    max_attempts smallint not null,
    linked_run bigint,
    step integer,
    created_by text not null,
    inserted_by text not null,
    created_at timestamptz not null,
    scheduled_at timestamptz,
    run_now boolean not null,
    is_serial boolean not null,
    usual_seconds double precision,
    precedence smallint not null,
    queued_at timestamptz not null,
    type_rank smallint not null,
    tie_first double precision not null,
    tie_second double precision not null,
    parked_gates text[] not null,
    promoted_at timestamptz,
    losses integer not null,
    failures integer not null,
    last_error text,
    node text,
    backgrounder text,
    asked_at timestamptz,
    started_at timestamptz,
    ended_at timestamptz not null,
    progress real,
    progress_note text,
    outcome text not null,
    failed_as text,
    error text,
    result jsonb,
    log text,
    cancel_requested_at timestamptz,
    cancelled_by text,
    cancel_reason text,
    traceparent text
) partition by range (ended_at);

create table if not exists pgdispatch.job_history_default
partition of pgdispatch.job_history default;

create index if not exists job_history_id_idx on pgdispatch.job_history (id);
create index if not exists job_history_backgrounder_idx on pgdispatch.job_history
    (backgrounder, ended_at);
create index if not exists job_history_ended_idx on pgdispatch.job_history (ended_at, id);
create index if not exists job_history_rare_idx on pgdispatch.job_history (ended_at, id)
    where outcome <> 'succeeded';
create index if not exists job_history_task_idx on pgdispatch.job_history (task, ended_at)
    where task is not null;
create index if not exists job_history_times_idx on pgdispatch.job_history using brin (
    (created_at at time zone 'UTC'), (started_at at time zone 'UTC'), (ended_at at time zone 'UTC')
) with (pages_per_range = 32, autosummarize = on);
create index if not exists job_history_linked_run_idx on pgdispatch.job_history (linked_run)
    where linked_run is not null;

alter table pgdispatch.job_history replica identity full;
alter table pgdispatch.job_history_default replica identity full;

comment on table pgdispatch.job_history is
'Finished jobs with everything that explains them; one partition a month.';
comment on table pgdispatch.job_history_default is
'Catches what no monthly partition takes; empty as long as roll_history runs.';
comment on column pgdispatch.job_history.ended_at is 'When it ended.';
comment on column pgdispatch.job_history.outcome is 'succeeded, failed or cancelled.';
comment on column pgdispatch.job_history.failed_as is
'For a failed job: error (the handler said so), killed (its process died), timed out or lost.';
comment on column pgdispatch.job_history.error is 'What went wrong, in words.';
comment on column pgdispatch.job_history.result is 'What the handler returned.';
comment on column pgdispatch.job_history.log is
'The last lines that it logged, each with its time in UTC if a node wrote it; all: log_lines.';

/* Every column that both tables have means the same in both: take over its comment. */
do $$
declare
    v_column record;
begin
    for v_column in
        select
            h.attname,
            relation.name,
            col_description('pgdispatch.job'::regclass, j.attnum) as comment,
            col_description(h.attrelid, h.attnum) as own_comment
        from pg_attribute as h
        cross join (
            values
                ('pgdispatch.job_history'),
                ('pgdispatch.job_history_default')
        ) as relation (name)
        left join pg_attribute as j
            on j.attrelid = 'pgdispatch.job'::regclass
            and j.attname = h.attname
            and j.attnum > 0
        where h.attrelid = 'pgdispatch.job_history'::regclass
            and h.attnum > 0
    loop
        execute format(
            'comment on column %s.%I is %L', v_column.name, v_column.attname,
            coalesce(v_column.comment, v_column.own_comment)
        );
    end loop;
end $$;
