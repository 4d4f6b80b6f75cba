/* Nodes whose clock is not the database's. No decision depends on it; handlers and logs do. */
select
    format('the clock of node %s is wrong', n.name) as problem,
    format(
        'it is %s %s the database''s', date_trunc(
            'milliseconds', greatest(n.clock_ahead_for, -n.clock_ahead_for)
        ),
        case when n.clock_ahead_for > interval '0' then 'ahead of' else 'behind' end
    ) as evidence,
    'run NTP (chrony, systemd-timesyncd) on both machines' as advice
from pgdispatch.node as n
where n.heartbeat_at > pgdispatch.now() - pgdispatch.seconds('lease_seconds')
    and greatest(n.clock_ahead_for, -n.clock_ahead_for) > interval '2 seconds'
order by n.name
