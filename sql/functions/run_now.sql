/*
 * Starts a task by hand: one job before all others (a flow keeps its task's priority).
 * Locks: the task's row, so that two callers cannot both find no job of it.
 */
create or replace function pgdispatch.run_now(p_task bigint, p_by text default session_user)
returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_task pgdispatch.task;
    v_job pgdispatch.job;
    v_id bigint;
begin
    select * into v_task from pgdispatch.task where id = p_task for no key update;
    if not found then
        raise exception using
            errcode = 'JD002',
            message = format('task %s does not exist', p_task),
            hint = 'see pgdispatch.task';
    elsif not (select run_now_enabled from pgdispatch.site where name = v_task.site) then
        raise exception using
            errcode = 'JD006',
            message = format('site %s does not allow Run Now', v_task.site),
            hint = 'ask its administrator to set run_now_enabled';
    end if;
    select * into v_job from pgdispatch.job where task = p_task order by id limit 1;
    if found then
        raise exception using
            errcode = 'JD005',
            message = format('task %s already has job %s', p_task, v_job.id),
            detail = pgdispatch.whereabouts(v_job.id),
            hint = 'wait for that job, or cancel it first';
    end if;
    insert into pgdispatch.job (task, run_now, created_by)
    values (p_task, true, p_by)
    returning id into v_id;
    return v_id;
end
$$;

comment on function pgdispatch.run_now(bigint, text) is
'Starts a task by hand and returns the job''s id. Refuses a second job of one task, naming the '
'first (JD005), and a site that forbids Run Now (JD006).';
