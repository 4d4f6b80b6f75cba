/* The steps of linked tasks: which flow each runs, and whether that can run. Takes no lock. */
create or replace view pgdispatch.step_status
with (security_invoker = true) as
select
    s.linked_task,
    s.step,
    s.task,
    t.title,
    s.stop_on_failure,
    t.enabled,
    p.suspended_at
from pgdispatch.linked_task_step as s
join pgdispatch.task as t on t.id = s.task
left join pgdispatch.suspension as p
    on p.task = t.id
    and p.streak_since is not distinct from t.streak_since
order by s.linked_task, s.step;

comment on view pgdispatch.step_status is
'The steps of linked tasks, in order: which flow each runs, and whether that can run.';
comment on column pgdispatch.step_status.linked_task is 'The linked task.';
comment on column pgdispatch.step_status.step is 'Place among its steps; gaps are allowed.';
comment on column pgdispatch.step_status.task is 'The flow that it runs.';
comment on column pgdispatch.step_status.title is 'Title of that flow.';
comment on column pgdispatch.step_status.stop_on_failure is
'Whether the steps after it are left out if it fails.';
comment on column pgdispatch.step_status.enabled is
'Whether that flow is enabled; a run passes over one that is not.';
comment on column pgdispatch.step_status.suspended_at is
'When that flow was suspended, which a run passes over, too; null: it is not.';
