/*
 * Whether somebody has just started a job with gates, and will commit: see pass_on. One gets on
 * with the next job then, as with one without gates whose row is locked.
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
'Whether a rival has started a job with gates that still looks ready.';
