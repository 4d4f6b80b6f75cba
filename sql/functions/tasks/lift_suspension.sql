/*
 * A job of a task has succeeded: the task is not suspended any more.
 * Locks: its row in suspension, skipping it if somebody holds it, who is resuming it then.
 */
create or replace function pgdispatch.lift_suspension(p_task bigint)
returns void
language plpgsql
as $$
begin
    if exists (select from pgdispatch.suspension where task = p_task) then
        delete from pgdispatch.suspension
        where task = (
            select task from pgdispatch.suspension where task = p_task for update skip locked
        );
    end if;
end
$$;

comment on function pgdispatch.lift_suspension(bigint) is
'Lifts the suspension of a task, if it has one, after a success.';
