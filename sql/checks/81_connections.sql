/* Whether there is room for the connections of another node. */
select
    'connections are running out' as problem,
    format('%s of %s are in use', used.sessions, allowed.sessions) as evidence,
    'raise max_connections (restart), put pgbouncer before the backgrounders, or end what is idle'
        as advice
from (
    select count(*) as sessions
    from pg_stat_activity
    where backend_type in ('client backend', 'walsender')
) as used
cross join (
    select
        current_setting('max_connections')::integer
        - current_setting('superuser_reserved_connections')::integer as sessions
) as allowed
where used.sessions >= 0.85 * allowed.sessions
