/*
 * Nodes that hold their name and have not been heard of for a whole lease, or not since the
 * server's clock went back.
 */
select
    format('node %s is silent', n.name) as problem,
    format(
        'last heard of %s, the lease is %s; process %s on %s; %s jobs run there',
        case
            when n.heartbeat_at > pgdispatch.now() then 'before the server''s clock went back'
            else date_trunc('second', pgdispatch.now() - n.heartbeat_at) || ' ago'
        end,
        pgdispatch.seconds('lease_seconds'), n.pid, n.host,
        (select count(*) from pgdispatch.job as j where j.node = n.name and j.state = 'running')
    ) as evidence,
    format(
        'look at that process; start the node again, or forget it: '
        'delete from pgdispatch.node where name = %L', n.name
    ) as advice
from pgdispatch.node as n
where n.heartbeat_at <= pgdispatch.now() - pgdispatch.seconds('lease_seconds')
    or n.heartbeat_at > pgdispatch.now() + pgdispatch.seconds('lease_seconds')
order by n.name
