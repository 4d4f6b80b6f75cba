/*
 * Jobs that wait for a node which is not there: no live node takes their type, or those that do are
 * drained. One that a closed window holds will take them. What is not due yet does not wait for it.
 * Reads what waits only if there is such a type, and then 10,001 jobs of each at most.
 */
select
    case
        when t.nodes is null then format('no live node takes %s', t.type)
        else format('every node that takes %s is drained', t.type)
    end as problem,
    format(
        '%s jobs wait, the oldest since %s%s',
        case when w.jobs > 10000 then 'more than 10000' else w.jobs::text end,
        date_trunc('second', w.oldest),
        '; drained: ' || array_to_string(t.nodes, ', ')
    ) as evidence,
    case
        when t.nodes is null
            then format(
                'start a node with a handler for %s, or let one take it: '
                'see pgdispatch node list and pgdispatch node change', t.type
            )
        else format('run: pgdispatch node resume %s', t.nodes[1])
    end as advice
from (
    select
        k.name as type,
        array_agg(n.name order by n.name) filter (where n.is_drained) as nodes
    from pgdispatch.job_type as k
    left join pgdispatch.node as n
        on n.heartbeat_at > pgdispatch.now() - pgdispatch.seconds('lease_seconds')
        and n.backgrounders > 0
        and (n.types is null or k.name = any (n.types) or n.closed_until is not null)
    group by k.name
    having not coalesce(bool_or(not n.is_drained), false)
) as t
cross join lateral (
    select
        count(*) as jobs,
        min(greatest(j.created_at, j.not_before)) as oldest
    from (
        select
            created_at,
            not_before
        from pgdispatch.job
        where backgrounder is null
            and type = t.type
            and coalesce(not_before, '-infinity') <= (select pgdispatch.now())
        limit 10001
    ) as j
) as w
where w.jobs > 0
order by t.type
