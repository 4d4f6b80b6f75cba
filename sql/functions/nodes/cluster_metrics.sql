/*
 * How many jobs wait in the cluster and run on one node, for its metrics. Takes no lock, and reads
 * the whole queue once.
 */
create or replace function pgdispatch.cluster_metrics(p_node text)
returns table (
    state text,
    type text,
    gate text,
    jobs bigint,
    oldest_seconds double precision
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := pgdispatch.now();
begin
    return query
    select
        j.state,
        j.type,
        pgdispatch.gate_kind(j.gate),
        count(*),
        greatest(
            extract(epoch from v_now - min(greatest(j.created_at, j.not_before))), 0
        )::double precision
    from pgdispatch.job as j
    where j.state <> 'running'
        or j.node = p_node
    group by
        j.state,
        j.type,
        pgdispatch.gate_kind(j.gate);
end
$$;

comment on function pgdispatch.cluster_metrics(text) is
'Counts the waiting jobs of the cluster and the running jobs of a node by state, type and kind of '
'gate, with how long the oldest of each could have started.';
