/* Flows that run one after another. The trigger fill_linked_task gives and checks its priority. */
create table if not exists pgdispatch.linked_task (
    id bigint generated always as identity primary key,
    site text not null default 'default' references pgdispatch.site (name) on update cascade,
    title text not null,
    schedule text references pgdispatch.schedule (name) on update cascade,
    priority smallint,
    enabled boolean not null default true,
    created_at timestamptz not null default pg_catalog.now(),
    enabled_at timestamptz not null default pg_catalog.now(),
    constraint linked_task_title_check check (length(title) between 1 and 500),
    constraint linked_task_priority_check check (priority between 1 and 100)
);

create index if not exists linked_task_schedule_idx on pgdispatch.linked_task (schedule);

comment on table pgdispatch.linked_task is
'Flows that run one after another, in the order of their steps (linked_task_step). Deleting one '
'keeps its runs; one that is under way ends with its present step.';
comment on column pgdispatch.linked_task.id is 'Number of the linked task.';
comment on column pgdispatch.linked_task.site is 'The site it belongs to; that of all its steps.';
comment on column pgdispatch.linked_task.title is 'Name for people, up to 500 characters.';
comment on column pgdispatch.linked_task.schedule is
'The schedule that runs it, which has to be parallel; null: only Run Now does.';
comment on column pgdispatch.linked_task.priority is
'1 (highest) to 100, of every step; taken from the schedule when the linked task is created.';
comment on column pgdispatch.linked_task.enabled is 'Whether its schedule runs it.';
comment on column pgdispatch.linked_task.created_at is 'When it was created.';
comment on column pgdispatch.linked_task.enabled_at is 'When it was created or last enabled.';
