/* Jobs that wait for a node which is not there: no live node takes their type. */
select
    format('no live node takes %s', w.type) as problem,
    format('%s jobs wait, the oldest since %s', w.jobs, w.oldest) as evidence,
    format(
        'start a node with a handler for %s, or let one take it: '
        'see pgdispatch node list and pgdispatch node change', w.type
    ) as advice
from (
    select type, count(*) as jobs, date_trunc('second', min(created_at)) as oldest
    from pgdispatch.job
    where backgrounder is null
    group by type
) as w
where not exists (
    select
    from pgdispatch.node as n
    where n.heartbeat_at > pgdispatch.now() - pgdispatch.seconds('lease_seconds')
        and not n.is_drained
        and n.backgrounders > 0
        and (n.types is null or w.type = any (n.types))
)
order by w.type
