/*
 * Starts a linked task by hand: its first step, with the linked task's priority.
 * Locks: the linked task's row, so that two callers cannot both find no run of it; then the lock
 * 'linked_task_start' of the linked task, by which a fire sees it; then as wait_for_fire.
 */
create or replace function pgdispatch.run_now_linked_task(
    p_linked_task bigint,
    p_by text default session_user
)
returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_linked_task pgdispatch.linked_task;
    v_job bigint;
begin
    select *
    into v_linked_task
    from pgdispatch.linked_task
    where id = p_linked_task
        and pgdispatch.may_see(site)
    for no key update;
    if not found then
        raise exception using
            errcode = 'JD002',
            message = format('linked task %s does not exist', p_linked_task),
            hint = 'see pgdispatch.linked_task';
    end if;
    perform pgdispatch.check_run_now(v_linked_task.site);
    perform pg_advisory_xact_lock(
        pgdispatch.lock_class('linked_task_start'), (p_linked_task % 2147483648)::integer
    );
    perform pgdispatch.wait_for_fire(v_linked_task.schedule);
    v_job := pgdispatch.linked_task_job(p_linked_task);
    if v_job is not null then
        perform pgdispatch.refuse_duplicate(
            format('linked task %s', p_linked_task), v_job
        );
    end if;
    v_job := pgdispatch.start_linked_task(p_linked_task, null, left(p_by, 500));
    if v_job is null then
        perform pgdispatch.refuse(
            format('linked task %s has no step that can run', p_linked_task),
            'add steps to it, or enable or resume their flows'
        );
    end if;
    perform pgdispatch.note_change(
        'run now', 'linked task', p_linked_task::text, v_linked_task.site,
        p_after => jsonb_build_object('job', v_job), p_by => p_by
    );
    return v_job;
end
$$;

comment on function pgdispatch.run_now_linked_task(bigint, text) is
'Starts a linked task by hand and returns the job of its first step. Locks the linked task. '
'Refuses one of which no step can run (JD001), an unknown one (JD002), a second run at a time, '
'naming the job of the first (JD005), and a site that forbids Run Now (JD006).';
