/* One row for each task and scheduled time: what makes a second job impossible. */
create table if not exists pgdispatch.occurrence (
    task bigint not null,
    scheduled_at timestamptz not null,
    skipped_for text,
    primary key (task, scheduled_at),
    constraint occurrence_skipped_for_check
    check (skipped_for in ('waiting', 'suspended', 'missed', 'closed'))
);

create index if not exists occurrence_scheduled_idx on pgdispatch.occurrence
    using brin (scheduled_at) with (pages_per_range = 32, autosummarize = on);

comment on table pgdispatch.occurrence is
'The scheduled times that each task has had, written by fire and tick.';
comment on column pgdispatch.occurrence.task is 'The task.';
comment on column pgdispatch.occurrence.scheduled_at is 'The scheduled time.';
comment on column pgdispatch.occurrence.skipped_for is
'Why no job was created: waiting (an earlier one of the task was), suspended, missed (nobody was '
'up then, and the schedule skips such times), or closed (by a closed window); null: one was.';
