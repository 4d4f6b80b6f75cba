/*
 * What ran, by what it can have been in the way of: site/NAME, whose limit it took up; type/NAME,
 * whose backgrounders it took up, as long as its node took that type and was not drained.
 * p_gates: these only. Locks: none.
 */
create or replace function pgdispatch.pool_runs(
    p_from timestamptz,
    p_to timestamptz,
    p_gates text[],
    p_runs pgdispatch.run[]
)
returns table (
    gate text,
    job bigint,
    from_at timestamptz,
    to_at timestamptz
)
language plpgsql
stable
as $$
begin
    return query
    with run as materialized (
        select
            r.job,
            r.site,
            r.node,
            greatest(r.started_at, p_from) as since,
            least(r.ended_at, p_to) as until
        from unnest(p_runs) as r
    ),
    taker as materialized (
        select
            'type/' || t.name as gate,
            n.node,
            n.from_at,
            n.to_at
        from pgdispatch.node_spans(p_from, p_to) as n
        join pgdispatch.job_type as t
            on not n.is_drained
            and (n.types is null or t.name = any (n.types))
        where 'type/' || t.name = any (p_gates)
    )
    select
        pgdispatch.site_gate(r.site),
        r.job,
        r.since,
        r.until
    from run as r
    where pgdispatch.site_gate(r.site) = any (p_gates)
        and r.since < r.until
    union all
    select
        t.gate,
        r.job,
        greatest(r.since, t.from_at),
        least(r.until, t.to_at)
    from run as r
    join taker as t
        on t.node = r.node
        and t.from_at < r.until
        and t.to_at > r.since
    where greatest(r.since, t.from_at) < least(r.until, t.to_at);
end
$$;

comment on function pgdispatch.pool_runs(timestamptz, timestamptz, text[], pgdispatch.run[]) is
'What ran between two times, by the site whose limit or the job type whose backgrounders it took '
'up.';
