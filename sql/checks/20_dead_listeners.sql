/*
 * Nodes that give signs of life, but have no session that listens: they learn of new jobs by their
 * poll only, up to a second late, and of cancellations by the next heartbeat.
 */
select
    format('node %s does not listen', n.name) as problem,
    format(
        'heartbeat %s ago, and no session named %L on this server',
        date_trunc('milliseconds', pgdispatch.now() - n.heartbeat_at), w.name
    ) as evidence,
    'connect its supervisor to the server itself, not through a pooler in transaction mode; '
    'else restart the node' as advice
from pgdispatch.node as n
cross join lateral (select left('pgdispatch ' || n.name || ' listens', 63) as name) as w
where n.heartbeat_at > pgdispatch.now() - pgdispatch.seconds('lease_seconds')
    and not exists (
        select
        from pg_stat_activity as a
        where a.datname = current_database()
            and a.application_name = w.name
    )
order by n.name
