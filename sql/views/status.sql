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
comment on column pgdispatch.status.node is 'The node.';
comment on column pgdispatch.status.backgrounder is
'The process, node:number; null: none is up yet.';
comment on column pgdispatch.status.status is
'busy, idle, starting, stopped (in order) or lost (silent for a lease).';
comment on column pgdispatch.status.pid is 'Its process id on the node.';
comment on column pgdispatch.status.started_at is 'When the process started.';
comment on column pgdispatch.status.job is 'The job that it runs now.';
comment on column pgdispatch.status.type is 'Job type; must exist in job_type.';
comment on column pgdispatch.status.site is 'Site; default if not given.';
comment on column pgdispatch.status.title is 'Name for people, up to 500 characters.';
comment on column pgdispatch.status.runs_for is 'How long it has run so far.';
comment on column pgdispatch.status.progress is 'Per cent done, as reported by its handler.';
comment on column pgdispatch.status.backgrounders is
'How many backgrounders it shall run; the supervisor follows a change within seconds.';
comment on column pgdispatch.status.types is 'The job types that the node takes; null: all.';
comment on column pgdispatch.status.heartbeat_at is
'Last sign of life; older than the lease (setting lease_seconds): lost. Null: stopped.';
