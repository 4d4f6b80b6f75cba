/*
 * Cancels a job that the caller inserted, for producers: as cancel. Of any other job they are told
 * that it does not exist. "Own" goes by who logged in, as in the view own_job.
 * Locks and rivals: as cancel.
 */
create or replace function pgdispatch.cancel_own_job(p_job bigint, p_reason text default null)
returns text
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if not exists (
        select
        from pgdispatch.job as j
        where j.id = p_job
            and j.inserted_by = session_user
        union all
        select
        from pgdispatch.job_history as h
        where h.id = p_job
            and h.inserted_by = session_user
    ) then
        raise exception using
            errcode = 'JD002',
            message = format('you have no job %s', p_job),
            hint = 'you may cancel what you inserted yourself, see own_job';
    end if;
    return pgdispatch.cancel(p_job, p_reason);
end
$$;

comment on function pgdispatch.cancel_own_job(bigint, text) is
'Cancels a job that the current database user inserted, as cancel does, and returns what that '
'returns: cancelled or requested. Refuses a job that is unknown or another''s (JD002), or has '
'ended (JD004); JD008.';
