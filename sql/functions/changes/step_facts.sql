/* What people set of one step of a linked task. */
create or replace function pgdispatch.step_facts(p_step pgdispatch.linked_task_step)
returns jsonb
language sql
immutable
as $$
    select jsonb_build_object('task', p_step.task, 'stop_on_failure', p_step.stop_on_failure)
$$;

comment on function pgdispatch.step_facts(pgdispatch.linked_task_step) is
'What people set of a step: its task, and whether its failure ends the run.';
