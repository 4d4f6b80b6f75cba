/*
 * Whether somebody is starting a linked task by hand in a transaction that has not ended.
 * Locks: pg_try_advisory_xact_lock(1885824111, linked task), which run_now_linked_task holds; got,
 * it keeps that waiting until the caller's transaction ends.
 */
create or replace function pgdispatch.is_linked_task_starting(p_linked_task bigint)
returns boolean
language sql
volatile
as $$
    select not pg_try_advisory_xact_lock(1885824111, (p_linked_task % 2147483648)::integer)
$$;

comment on function pgdispatch.is_linked_task_starting(bigint) is
'Whether a Run Now of this linked task is under way in a transaction that has not ended.';
