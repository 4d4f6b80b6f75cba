/* The status table of all background processes by node. Takes no lock. */
create or replace view pgdispatch.status as
select
    n.name as node,
    b.id as backgrounder,
    case
        when n.heartbeat_at is null then 'stopped'
        when n.heartbeat_at <= pgdispatch.now() - pgdispatch.seconds('lease_seconds') then 'lost'
        when j.id is not null then 'busy'
        when b.id is not null then 'idle'
        else 'starting'
    end as status,
    b.pid,
    b.started_at,
    j.id as job,
    j.type,
    j.site,
    j.title,
    date_trunc('milliseconds', pgdispatch.now() - j.started_at) as runs_for,
    j.progress,
    n.backgrounders,
    n.types,
    n.heartbeat_at
from pgdispatch.node as n
left join pgdispatch.backgrounder as b on b.node = n.name
left join pgdispatch.job as j
    on j.state = 'running'
    and j.node = b.node
    and j.backgrounder = b.id
order by n.name, b.number;

comment on view pgdispatch.status is
'Every background process by node: busy, idle, starting, stopped or lost, and what it runs.';
