/*
 * Creates the job of the next step of a run of a linked task, after the given one. A step whose
 * flow is disabled or suspended counts as failed: it ends the run, or is passed over, as its
 * stop_on_failure says.
 * Locks: none. Called in the transaction that ends the step before, so that a crash can neither
 * lose a step nor start it twice.
 */
create or replace function pgdispatch.start_step(
    p_run pgdispatch.linked_run,
    p_after integer
)
returns bigint
language plpgsql
as $$
declare
    v_step record;
    v_job bigint;
begin
    for v_step in
        select
            s.step,
            s.task,
            s.stop_on_failure,
            t.enabled and not pgdispatch.is_suspended(s.task) as can_run
        from pgdispatch.linked_task_step as s
        join pgdispatch.task as t on t.id = s.task
        where s.linked_task = p_run.linked_task
            and s.step > p_after
        order by s.step
    loop
        if v_step.can_run then
            insert into pgdispatch.job
                (task, linked_run, step, scheduled_at, run_now, created_by)
            values (
                v_step.task, p_run.id, v_step.step,
                case when p_after = 0 then p_run.scheduled_at end,
                p_run.run_now, p_run.created_by
            )
            returning id into v_job;
            return v_job;
        end if;
        exit when v_step.stop_on_failure;
    end loop;
    return null;
end
$$;

comment on function pgdispatch.start_step(pgdispatch.linked_run, integer) is
'Creates the job of the next step of a run of a linked task; null: there is none to run.';
