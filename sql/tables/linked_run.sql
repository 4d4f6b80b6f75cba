/* One row for each run of a linked task; its jobs name it. A scheduled time has one run. */
create table if not exists pgdispatch.linked_run (
    id bigint generated always as identity primary key,
    linked_task bigint not null,
    scheduled_at timestamptz,
    run_now boolean not null,
    created_by text not null,
    created_at timestamptz not null,
    skipped_for text,
    constraint linked_run_scheduled_key unique (linked_task, scheduled_at),
    constraint linked_run_skipped_for_check
    check (skipped_for in ('waiting', 'suspended', 'missed', 'closed'))
);

comment on table pgdispatch.linked_run is
'Each run of a linked task: its steps are the jobs that name it. See linked_task_run.';
comment on column pgdispatch.linked_run.id is 'Number of the run.';
comment on column pgdispatch.linked_run.linked_task is 'The linked task.';
comment on column pgdispatch.linked_run.scheduled_at is 'The scheduled time; null: Run Now.';
comment on column pgdispatch.linked_run.run_now is 'Whether it was started by hand.';
comment on column pgdispatch.linked_run.created_by is 'Who started it.';
comment on column pgdispatch.linked_run.created_at is 'When.';
comment on column pgdispatch.linked_run.skipped_for is
'Why nothing was run: waiting (the run before had not ended), suspended (the first step is), '
'missed (nobody was up then, and the schedule skips such times), or closed (by a closed window); '
'null: it was run.';
