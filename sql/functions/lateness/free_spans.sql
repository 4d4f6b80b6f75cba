/*
 * When nodes had a backgrounder free for a job type, going by how many they were to run: for a
 * second or more, as each end leaves a moment. What could start then and did not was held by
 * somebody's transaction, or the process was not there. p_gates: type/NAME. Locks: none.
 */
create or replace function pgdispatch.free_spans(
    p_from timestamptz,
    p_to timestamptz,
    p_gates text[],
    p_runs pgdispatch.run[]
)
returns table (
    gate text,
    from_at timestamptz,
    to_at timestamptz
)
language plpgsql
stable
rows 100
as $$
begin
    return query
    with point as (
        select r.gate, p.at, p.change
        from pgdispatch.pool_runs(p_from, p_to, p_gates, p_runs) as r
        cross join lateral (values (r.from_at, -1), (r.to_at, 1)) as p (at, change)
        where r.gate like 'type/%'
        union all
        select 'type/' || t.name, p.at, p.change
        from pgdispatch.node_spans(p_from, p_to) as n
        join pgdispatch.job_type as t
            on not n.is_drained
            and (n.types is null or t.name = any (n.types))
        cross join lateral (
            values (n.from_at, n.backgrounders), (n.to_at, - n.backgrounders)
        ) as p (at, change)
        where 'type/' || t.name = any (p_gates)
    ),
    step as (
        select
            p.gate,
            p.at,
            sum(sum(p.change)) over in_time as free,
            lead(p.at) over in_time as until
        from point as p
        group by p.gate, p.at
        window in_time as (partition by p.gate order by p.at)
    ),
    together as (
        select
            s.gate,
            unnest(range_agg(tstzrange(s.at, s.until))) as span
        from step as s
        where s.free > 0
            and s.until is not null
        group by s.gate
    )
    select
        t.gate,
        lower(t.span),
        upper(t.span)
    from together as t
    where upper(t.span) - lower(t.span) >= interval '1 s';
end
$$;

comment on function pgdispatch.free_spans(timestamptz, timestamptz, text[], pgdispatch.run[]) is
'When a backgrounder was free for a job type between two times, for a second or more.';
