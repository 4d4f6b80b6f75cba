/*
 * Jobs of these tasks have succeeded: the tasks are not suspended any more.
 * Locks: their rows in suspension, skipping what somebody holds, who is resuming the task then.
 */
create or replace function pgdispatch.lift_suspensions(p_tasks bigint[])
returns void
language plpgsql
as $$
begin
    if exists (select from pgdispatch.suspension where task = any (p_tasks)) then
        delete from pgdispatch.suspension
        where task in (
            select task
            from pgdispatch.suspension
            where task = any (p_tasks)
            for update skip locked
        );
    end if;
end
$$;

comment on function pgdispatch.lift_suspensions(bigint[]) is
'Lifts the suspension of those tasks that have one, after a success.';
