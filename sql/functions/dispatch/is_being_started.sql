/*
 * Whether somebody has just started a job and has not ended his transaction: see start_job. One
 * gets on with the next job then. To try its row takes ten times as long as to ask for this lock.
 * A rollback gives back the row and the locks one by one, so whoever has waited for one of them may
 * find this one still held for a job that nobody starts: so the xmax of the row, where it is known,
 * has to be in progress, too.
 * Locks: the lock 'job_start' of the job, shared, trying, and given back in the same expression: it
 * only asks. Within one, PostgreSQL looks for no cancel, so it cannot stay.
 * Two jobs whose numbers differ by 2^31 share it: one is passed over while the other starts.
 */
create or replace function pgdispatch.is_being_started(p_job bigint, p_xmax xid default null)
returns boolean
language plpgsql
as $$
declare
    v_key constant integer := (p_job & 2147483647)::integer;
begin
    if pg_try_advisory_lock_shared(pgdispatch.lock_class('job_start'), v_key)
        and pg_advisory_unlock_shared(pgdispatch.lock_class('job_start'), v_key) then
        return false;
    end if;
    return p_xmax is null or pgdispatch.is_in_progress(p_xmax);
end
$$;

comment on function pgdispatch.is_being_started(bigint, xid) is
'Whether a rival has started a job that still looks ready; with the xmax of its row, if known.';
