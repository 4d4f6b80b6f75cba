/*
 * Nodes that give signs of life, but have no session that listens: they learn of new jobs by their
 * poll only, up to a second late, and of cancellations by the next heartbeat.
 * Left out are nodes of another version than the schema's, which may call that session otherwise,
 * and those whose sign of life is older than the watch on this server: after a restore, or a move
 * by replication, it was given elsewhere. In a copy on the same server the session is found, too.
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
join pgdispatch.watch as o
    on o.server_started_at = pg_postmaster_start_time()
    and o.since <= n.heartbeat_at
cross join lateral (select left('pgdispatch ' || n.name || ' listens', 63) as name) as w
where n.heartbeat_at > pgdispatch.now() - pgdispatch.seconds('lease_seconds')
    and n.package_version = (
        select v.package_version
        from pgdispatch.schema_version as v
        order by v.step desc, v.installed_at desc
        limit 1
    )
    and not exists (select from pg_stat_activity as a where a.application_name = w.name)
order by n.name
