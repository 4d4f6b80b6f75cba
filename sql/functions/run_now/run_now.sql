/*
 * Starts a task by hand: one job before all others (a flow keeps its task's priority).
 * Locks: the task's row, so that two callers cannot both find no job of it; then as refuse_second.
 */
create or replace function pgdispatch.run_now(p_task bigint, p_by text default session_user)
returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_task pgdispatch.task;
    v_id bigint;
begin
    select *
    into v_task
    from pgdispatch.task
    where id = p_task
        and pgdispatch.may_see(site)
    for no key update;
    if not found then
        raise exception using
            errcode = 'JD002',
            message = format('task %s does not exist', p_task),
            hint = 'see pgdispatch.task';
    end if;
    perform pgdispatch.check_run_now(v_task.site);
    perform pgdispatch.refuse_second(v_task);
    insert into pgdispatch.job (task, run_now, created_by)
    values (p_task, true, left(p_by, 500))
    returning id into v_id;
    perform pgdispatch.note_change(
        'run now', 'task', p_task::text, v_task.site,
        p_after => jsonb_build_object('job', v_id), p_by => p_by
    );
    return v_id;
end
$$;

comment on function pgdispatch.run_now(bigint, text) is
'Starts a task by hand, a disabled or suspended one too, and returns the job''s id. Locks the '
'task: a second caller waits, and is then refused. Refuses an unknown task (JD002), a second job '
'of one task, naming the first (JD005), and a site that forbids Run Now (JD006).';
