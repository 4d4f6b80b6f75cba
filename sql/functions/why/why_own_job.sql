/*
 * Why a job waits that the caller inserted, for producers: as why. "Own" goes by who logged in, as
 * in the view own_job. Takes no lock.
 */
create or replace function pgdispatch.why_own_job(p_job bigint)
returns table (
    job bigint,
    "position" bigint,
    decided_by text,
    reason text,
    kind text,
    blocker bigint,
    waits_for interval
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select w.job, w.position, w.decided_by, w.reason, w.kind, w.blocker, w.waits_for
    from pgdispatch.job as j
    cross join lateral pgdispatch.why(j.id) as w
    where j.id = p_job
        and j.inserted_by = session_user
$$;

comment on function pgdispatch.why_own_job(bigint) is
'Place and reason of a waiting job that the current database user inserted, as why says them; no '
'row: it does not wait, or is not your own.';
