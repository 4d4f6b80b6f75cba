/* The steps of linked tasks. */
create table if not exists pgdispatch.linked_task_step (
    linked_task bigint not null references pgdispatch.linked_task (id) on delete cascade,
    step integer not null,
    task bigint not null references pgdispatch.task (id),
    stop_on_failure boolean not null default true,
    primary key (linked_task, step),
    constraint linked_task_step_step_check check (step between 1 and 1000)
);

create index if not exists linked_task_step_task_idx on pgdispatch.linked_task_step (task);

comment on table pgdispatch.linked_task_step is
'The steps of each linked task. A change counts for steps that a run has not reached yet.';
comment on column pgdispatch.linked_task_step.linked_task is 'The linked task.';
comment on column pgdispatch.linked_task_step.step is 'Place among its steps; gaps are allowed.';
comment on column pgdispatch.linked_task_step.task is 'The flow that it runs.';
comment on column pgdispatch.linked_task_step.stop_on_failure is
'Whether the steps after it are left out if it fails.';
