/*
 * Jobs that wait for a node which is not there: no live node takes their type, or those that do are
 * drained. What is not due yet does not wait for it.
 */
select
    case
        when d.nodes is null then format('no live node takes %s', w.type)
        else format('every node that takes %s is drained', w.type)
    end as problem,
    format(
        '%s jobs wait, the oldest since %s%s', w.jobs, date_trunc('second', w.oldest),
        '; drained: ' || array_to_string(d.nodes, ', ')
    ) as evidence,
    case
        when d.nodes is null
            then format(
                'start a node with a handler for %s, or let one take it: '
                'see pgdispatch node list and pgdispatch node change', w.type
            )
        else format('run: pgdispatch node resume %s', d.nodes[1])
    end as advice
from (
    select
        type,
        count(*) as jobs,
        min(greatest(created_at, not_before)) as oldest
    from pgdispatch.job
    where backgrounder is null
        and coalesce(not_before, '-infinity') <= pgdispatch.now()
    group by type
) as w
cross join lateral (
    select
        array_agg(n.name order by n.name) filter (where n.is_drained) as nodes,
        coalesce(bool_or(not n.is_drained), false) as is_taken
    from pgdispatch.node as n
    where n.heartbeat_at > pgdispatch.now() - pgdispatch.seconds('lease_seconds')
        and n.backgrounders > 0
        and (n.types is null or w.type = any (n.types))
) as d
where not d.is_taken
order by w.type
