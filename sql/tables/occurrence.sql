/* One row for each task and scheduled time: what makes a second job impossible. */
create table if not exists pgdispatch.occurrence (
    task bigint not null,
    scheduled_at timestamptz not null,
    skipped boolean not null default false,
    primary key (task, scheduled_at)
);

comment on table pgdispatch.occurrence is
'The scheduled times of each task that have been dealt with; its key allows one job for each.';
comment on column pgdispatch.occurrence.task is 'The task.';
comment on column pgdispatch.occurrence.scheduled_at is 'The scheduled time.';
comment on column pgdispatch.occurrence.skipped is
'True if no job was created because one of the same task was still waiting.';
