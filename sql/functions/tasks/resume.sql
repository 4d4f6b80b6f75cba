/*
 * Lifts the suspension of a task; its failures so far do not count any more.
 * Locks: the task's row.
 */
create or replace function pgdispatch.resume(p_task bigint)
returns boolean
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_was_suspended constant boolean := pgdispatch.is_suspended(p_task);
begin
    update pgdispatch.task
    set streak_since = pgdispatch.now()
    where id = p_task
        and pgdispatch.may_see(site);
    if not found then
        raise exception using
            errcode = 'JD002',
            message = format('task %s does not exist', p_task),
            hint = 'see pgdispatch.task';
    end if;
    return v_was_suspended;
end
$$;

comment on function pgdispatch.resume(bigint) is
'Lifts the suspension of a task and lets its failures count anew; returns whether it was '
'suspended. Locks the task. JD002: unknown.';
