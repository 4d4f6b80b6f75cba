/* Jobs that count as running while no supervisor is up to notice that their node is gone. */
select
    'jobs count as running, and no supervisor is up to take them back' as problem,
    format('%s jobs, the first one %s', count(*), min(j.id)) as evidence,
    'start any node: it gives them back once the lease is over' as advice
from pgdispatch.job as j
where j.state = 'running'
    and not exists (
        select
        from pgdispatch.node as n
        where n.heartbeat_at > pgdispatch.now() - pgdispatch.seconds('lease_seconds')
    )
having count(*) > 0
