/*
 * What became of attempts that ended on a node: of those that the history has. The supervisor
 * names what it saw end, after the commit, so nothing is missed and nothing counted twice.
 * Takes no lock. Looks back a day at most, so that few partitions are touched.
 */
create or replace function pgdispatch.node_metrics(
    p_node text,
    p_jobs bigint[],
    p_attempts integer[]
)
returns table (
    job bigint,
    type text,
    outcome text,
    failed_as text,
    wait_seconds double precision,
    run_seconds double precision,
    gates text[]
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
        h.id,
        h.type,
        h.outcome,
        h.failed_as,
        greatest(extract(epoch from h.begun_at - h.due_at), 0)::double precision,
        greatest(extract(epoch from h.ended_at - h.started_at), 0)::double precision,
        array(
            select distinct pgdispatch.gate_kind(gate)
            from unnest(h.parked_gates) as gate
        )
    from unnest(p_jobs, p_attempts) as a (job, attempt)
    cross join lateral (
        select
            *,
            case
                when job_history.attempt > 1 then least(started_at, (
                    select min(t.started_at) from pgdispatch.attempt as t where t.job = a.job
                ))
                else started_at
            end as begun_at,
            case
                when scheduled_at is not null then scheduled_at
                when job_history.attempt > 1 then created_at  -- not_before is of the last attempt
                else greatest(created_at, not_before)
            end as due_at
        from pgdispatch.job_history
        where id = a.job
            and job_history.attempt = a.attempt
            and node = p_node
            and ended_at > v_since
        limit 1  -- a look-up for each, however the planner would join
    ) as h;
end
$$;

comment on function pgdispatch.node_metrics(text, bigint[], integer[]) is
'How attempts at jobs (two lists of one length) ended on a node: outcome, how late the job began '
'(from its scheduled time, else from when it was added or due, to the start of its first attempt), '
'how long the last attempt ran, and the kinds of gate it had to wait at.';
