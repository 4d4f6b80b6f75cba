/* The status table of all background processes by node. Takes no lock. */
create or replace view pgdispatch.status
with (security_invoker = true) as
select
    n.name as node,
    p.process,
    p.backgrounder,
    case
        when n.state <> 'up' then n.state
        when p.process = 'application server' then 'up'
        when j.id is not null then 'busy'
        when p.backgrounder is null then 'starting'
        when n.is_drained then 'drained'
        else 'idle'
    end as status,
    p.pid,
    p.address,
    p.started_at,
    j.id as job,
    j.type,
    j.site,
    j.title,
    date_trunc('milliseconds', pgdispatch.now() - j.started_at) as runs_for,
    j.progress,
    n.backgrounders,
    n.types,
    n.is_drained,
    n.heartbeat_at
from pgdispatch.node_status as n
cross join lateral (
    select
        1 as place,
        'backgrounder' as process,
        b.id as backgrounder,
        b.number,
        b.pid,
        null as address,
        b.started_at
    from (select) as always
    left join pgdispatch.backgrounder as b on b.node = n.name
    union all
    select
        2,
        'application server',
        null,
        a.number,
        a.pid,
        a.address,
        a.started_at
    from pgdispatch.application_server as a
    where a.node = n.name
) as p
left join pgdispatch.job as j
    on j.state = 'running'
    and j.node = n.name
    and j.backgrounder = p.backgrounder
order by n.name, p.place, p.number;

comment on view pgdispatch.status is
'Every process by node: backgrounders, then application servers; what it is, how it is, and what '
'it runs. A node without backgrounders has one row for them.';
comment on column pgdispatch.status.node is 'The node.';
comment on column pgdispatch.status.process is 'backgrounder or application server.';
comment on column pgdispatch.status.backgrounder is
'The backgrounder, node:number; null: none is up yet, or an application server.';
comment on column pgdispatch.status.status is
'busy, idle, starting (the node is up, no process yet), drained (idle, and takes no new jobs), up '
'(an application server), stopped (in order) or lost (silent for a lease).';
comment on column pgdispatch.status.pid is 'Its process id on the node.';
comment on column pgdispatch.status.address is 'Where an application server listens, host:port.';
comment on column pgdispatch.status.started_at is 'When the process started.';
comment on column pgdispatch.status.job is 'The job that it runs now.';
comment on column pgdispatch.status.type is 'Job type; must exist in job_type.';
comment on column pgdispatch.status.site is 'Site; default if not given.';
comment on column pgdispatch.status.title is 'Name for people, up to 500 characters.';
comment on column pgdispatch.status.runs_for is 'How long it has run so far.';
comment on column pgdispatch.status.progress is 'Per cent done, as reported by its handler.';
comment on column pgdispatch.status.backgrounders is
'How many backgrounders the node shall run; the supervisor follows a change within seconds.';
comment on column pgdispatch.status.types is 'The job types that the node takes; null: all.';
comment on column pgdispatch.status.is_drained is
'Whether the node takes no new jobs; those that run there go on.';
comment on column pgdispatch.status.heartbeat_at is
'Last sign of life; older than the lease (setting lease_seconds): lost. Null: stopped.';
