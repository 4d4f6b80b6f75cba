/*
 * Whether somebody is starting a task by hand in a transaction that has not ended.
 * Locks: pg_try_advisory_xact_lock(1885824110, task), which run_now holds; got, it keeps run_now
 * waiting until the caller's transaction ends.
 */
create or replace function pgdispatch.is_starting(p_task bigint)
returns boolean
language sql
volatile
as $$
    select not pg_try_advisory_xact_lock(1885824110, (p_task % 2147483648)::integer)
$$;

comment on function pgdispatch.is_starting(bigint) is
'Whether a Run Now of this task is under way in a transaction that has not ended.';
