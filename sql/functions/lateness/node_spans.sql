/*
 * What nodes took in a stretch of time: a row for each span in which one was up, with
 * backgrounders, and nothing else about it changed. From node_state, and node for the time since.
 * Locks: none.
 */
create or replace function pgdispatch.node_spans(p_from timestamptz, p_to timestamptz)
returns table (
    node text,
    backgrounders integer,
    types text[],
    is_drained boolean,
    from_at timestamptz,
    to_at timestamptz
)
language plpgsql
stable
rows 50
as $$
begin
    return query
    with lasting as (
        select s.node, s.until_at, s.is_up, s.backgrounders, s.types, s.is_drained
        from pgdispatch.node_state as s
        where s.until_at > p_from
        union all
        select
            n.name,
            case
                when n.heartbeat_at is null then 'infinity'
                when n.heartbeat_at + pgdispatch.seconds('lease_seconds') > pgdispatch.now()
                    then 'infinity'
                else n.heartbeat_at + pgdispatch.seconds('lease_seconds')
            end,
            n.heartbeat_at is not null,
            n.backgrounders,
            case
                when n.closed_until is null then n.types
                else pgdispatch.taken_types(n.served_types, n.only_types, n.except_types)
            end,
            n.is_drained or n.closed_until is not null
        from pgdispatch.node as n
    ),
    span as (
        select
            l.*,
            greatest(lag(l.until_at) over one_node, p_from) as since,
            least(l.until_at, p_to) as until
        from lasting as l
        window one_node as (partition by l.node order by l.until_at, l.is_up desc)
    )
    select s.node, s.backgrounders, s.types, s.is_drained, s.since, s.until
    from span as s
    where s.is_up
        and s.backgrounders > 0
        and s.since < s.until;
end
$$;

comment on function pgdispatch.node_spans(timestamptz, timestamptz) is
'When which node was up with how many backgrounders, which types it took, and whether it was '
'drained or closed, between two times.';
