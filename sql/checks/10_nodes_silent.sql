/* Nodes that hold their name and have not been heard of for a whole lease. */
select
    format('node %s is silent', n.name) as problem,
    format(
        'last heard of %s ago, the lease is %s; process %s on %s; %s jobs run there',
        date_trunc('second', pgdispatch.now() - n.heartbeat_at),
        pgdispatch.seconds('lease_seconds'), n.pid, n.host,
        (select count(*) from pgdispatch.job as j where j.node = n.name and j.state = 'running')
    ) as evidence,
    format(
        'look at that process; start the node again, or forget it: '
        'delete from pgdispatch.node where name = %L', n.name
    ) as advice
from pgdispatch.node as n
where n.heartbeat_at <= pgdispatch.now() - pgdispatch.seconds('lease_seconds')
order by n.name
