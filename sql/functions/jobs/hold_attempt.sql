/*
 * For supervisors of former versions.
 * Takes hold of an attempt if it still runs, for a supervisor whose process has gone: the process
 * may have ended the attempt itself, and that is no error.
 * Locks: the job's row, waiting for it.
 */
create or replace function pgdispatch.hold_attempt(p_job bigint, p_attempt integer)
returns table (
    job bigint,
    attempt integer
)
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$
    select id, attempt
    from pgdispatch.job
    where id = p_job
        and attempt = p_attempt
        and state = 'running'
    for update
$$;

comment on function pgdispatch.hold_attempt(bigint, integer) is
'Locks an attempt and returns it; no row, and no error, if it is not running. For a supervisor '
'that ends an attempt which its process may have ended itself.';
