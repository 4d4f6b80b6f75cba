/* The linked tasks: how many steps each has, and which of them is in the queue. Takes no lock. */
create or replace view pgdispatch.linked_task_status
with (security_invoker = true) as
select
    l.id,
    l.site,
    l.title,
    l.schedule,
    l.priority,
    l.enabled,
    l.created_at,
    l.enabled_at,
    (
        select count(*)
        from pgdispatch.linked_task_step as s
        where s.linked_task = l.id
    ) as steps,
    (
        select max(r.created_at)
        from pgdispatch.linked_run as r
        where r.linked_task = l.id
            and r.skipped_for is null
    ) as last_run_at,
    (
        select min(j.id)
        from pgdispatch.linked_run as r
        join pgdispatch.job as j on j.linked_run = r.id
        where r.linked_task = l.id
    ) as job
from pgdispatch.linked_task as l
order by l.id;

comment on view pgdispatch.linked_task_status is
'The linked tasks by number: how many steps each has, and which of them is in the queue.';
comment on column pgdispatch.linked_task_status.id is 'Number of the linked task.';
comment on column pgdispatch.linked_task_status.site is
'The site it belongs to; that of all its steps.';
comment on column pgdispatch.linked_task_status.title is 'Name for people, up to 500 characters.';
comment on column pgdispatch.linked_task_status.schedule is
'The schedule that runs it, which has to be parallel; null: only Run Now does.';
comment on column pgdispatch.linked_task_status.priority is
'1 (highest) to 100, of every step; taken from the schedule when the linked task is created.';
comment on column pgdispatch.linked_task_status.enabled is 'Whether its schedule runs it.';
comment on column pgdispatch.linked_task_status.created_at is 'When it was created.';
comment on column pgdispatch.linked_task_status.enabled_at is
'When it was created or last enabled.';
comment on column pgdispatch.linked_task_status.steps is 'How many steps it has.';
comment on column pgdispatch.linked_task_status.last_run_at is
'When it was last started; runs that were skipped do not count.';
comment on column pgdispatch.linked_task_status.job is
'The job of the step that waits or runs now, if any.';
