/*
 * What a trace says of attempts that have ended, beyond what their node knows itself: how long each
 * could have started before it did, how it ended, and of which job that is a retry. The supervisor
 * names what it saw end, after the commit.
 * Takes no lock. Looks back a day at most, so that few partitions are touched.
 */
create or replace function pgdispatch.attempt_traces(p_jobs bigint[], p_attempts integer[])
returns table (
    job bigint,
    attempt integer,
    wait_seconds double precision,
    ended_as text,
    error text,
    retry_of bigint
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
        greatest(
            extract(
                epoch from e.started_at - greatest(
                    coalesce(before.ended_at, o.created_at), e.due_at
                )
            ),
            0
        )::double precision,
        e.ended_as,
        left(e.error, 2000),
        r.retry_of
    from unnest(p_jobs, p_attempts) as a (job, attempt)
    cross join lateral (
        select
            h.started_at,
            coalesce(h.failed_as, h.outcome) as ended_as,
            coalesce(h.error, h.cancel_reason) as error,
            h.not_before as due_at
        from pgdispatch.job_history as h
        where h.id = a.job
            and h.attempt = a.attempt
            and h.ended_at > v_since
        union all
        select t.started_at, t.ended_as, t.error, t.due_at
        from pgdispatch.attempt as t
        where t.job = a.job
            and t.attempt = a.attempt
            and t.ended_at > v_since
        limit 1  -- a look-up for each, however the planner would join
    ) as e
    left join lateral (
        select j.created_at
        from pgdispatch.job as j
        where j.id = a.job
        union all
        select h.created_at
        from pgdispatch.job_history as h
        where h.id = a.job
            and h.ended_at > v_since
        limit 1
    ) as o on true
    left join lateral (
        select t.ended_at
        from pgdispatch.attempt as t
        where t.job = a.job
            and t.attempt = a.attempt - 1
            and t.ended_at > v_since
        limit 1
    ) as before on true
    left join pgdispatch.retry as r on r.job = a.job;
end
$$;

comment on function pgdispatch.attempt_traces(bigint[], integer[]) is
'What traces say of attempts at jobs (two lists of one length) that have ended: how many seconds '
'each could have started before it did, how it ended (as job_attempt has it), the error, and of '
'which job its job is a retry. None for an attempt that still runs.';
