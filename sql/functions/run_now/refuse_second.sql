/*
 * Refuses to start a task by hand while a job of it waits or runs, naming that job.
 * Locks: the lock 'task_start' of the task, by which a fire sees that it is being started; then as
 * wait_for_fire. The caller holds the task's row.
 */
create or replace function pgdispatch.refuse_second(p_task pgdispatch.task)
returns void
language plpgsql
as $$
declare
    v_id bigint;
begin
    perform pg_advisory_xact_lock(
        pgdispatch.lock_class('task_start'), (p_task.id % 2147483648)::integer
    );
    perform pgdispatch.wait_for_fire(p_task.schedule);
    select id into v_id from pgdispatch.job where task = p_task.id order by id limit 1;
    if found then
        perform pgdispatch.refuse_duplicate(format('task %s', p_task.id), v_id);
    end if;
end
$$;

comment on function pgdispatch.refuse_second(pgdispatch.task) is
'Refuses (JD005) a task that has a job waiting or running, and keeps others from starting one '
'until the transaction ends.';
