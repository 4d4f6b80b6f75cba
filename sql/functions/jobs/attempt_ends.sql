/*
 * What the database made of attempts that have ended, in words for a node's log: whether the job
 * ended with it, and how, or is tried again. The supervisor names what it saw end, after the
 * commit. A job that has gone on since tells what it is, and nothing of the attempt.
 * Takes no lock. Looks back a day at most, so that few partitions are touched.
 */
create or replace function pgdispatch.attempt_ends(p_jobs bigint[], p_attempts integer[])
returns table (
    job bigint,
    attempt integer,
    type text,
    site text,
    title text,
    outcome text,
    failed_as text,
    error text,
    again_at timestamptz,
    is_suspended boolean
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
declare
    v_since constant timestamptz := pgdispatch.now() - interval '1 day';
begin
    return query
    select
        a.job,
        a.attempt,
        coalesce(h.type, j.type),
        coalesce(h.site, j.site),
        coalesce(h.title, j.title),
        h.outcome,
        h.failed_as,
        left(coalesce(h.error, h.cancel_reason, j.last_error), 2000),
        j.not_before,
        h.task is not null and exists (
            select from pgdispatch.suspension as s where s.task = h.task and s.job = h.id
        )
    from unnest(p_jobs, p_attempts) as a (job, attempt)
    left join lateral (
        select
            o.id, o.type, o.site, o.title, o.task, e.outcome, e.failed_as, e.error, e.cancel_reason
        from pgdispatch.job_history as o
        left join lateral (
            select o.outcome, o.failed_as, o.error, o.cancel_reason where o.attempt = a.attempt
        ) as e on true
        where o.id = a.job
            and o.ended_at > v_since
        limit 1  -- a look-up for each, however the planner would join
    ) as h on true
    left join lateral (
        select o.id, o.type, o.site, o.title, e.last_error, e.not_before
        from pgdispatch.job as o
        left join lateral (
            select o.last_error, o.not_before where o.attempt = a.attempt
        ) as e on true
        where o.id = a.job
    ) as j on true
    where coalesce(h.id, j.id) is not null;
end
$$;

comment on function pgdispatch.attempt_ends(bigint[], integer[]) is
'How attempts at jobs (two lists of one length) ended, for a node''s log: the outcome if the job '
'ended with it, else null; the error; when it is tried again; and whether its task was suspended '
'for it.';
