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
        greatest(
            extract(epoch from h.started_at - greatest(h.created_at, h.not_before)), 0
        )::double precision,
        greatest(extract(epoch from h.ended_at - h.started_at), 0)::double precision,
        array(
            select distinct pgdispatch.gate_kind(gate)
            from unnest(h.parked_gates) as gate
        )
    from unnest(p_jobs, p_attempts) as a (job, attempt)
    cross join lateral (
        select *
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
'How attempts at jobs (two lists of one length) ended on a node: outcome, how long the job could '
'have started before it did, how long it ran, and the kinds of gate it had to wait at.';
