/*
 * Whether somebody has just started a job, and will commit: see start_job. One gets on with the
 * next then, without trying its row, which takes fifty times as long as asking.
 * Whoever holds a gate of the job must not ask. Nobody else can have started it, then; but after a
 * rollback this lock may go an instant later than the gate's.
 * Locks: pg_try_advisory_lock_shared(1885824118, number of the job), given back at once: it only
 * asks.
 */
create or replace function pgdispatch.is_taken(p_job bigint)
returns boolean
language sql
volatile
as $$
    select not (
        pg_catalog.pg_try_advisory_lock_shared(1885824118, (p_job & 2147483647)::integer)
        and pg_catalog.pg_advisory_unlock_shared(1885824118, (p_job & 2147483647)::integer)
    )
$$;

comment on function pgdispatch.is_taken(bigint) is
'Whether a rival has started a job that still looks ready.';
