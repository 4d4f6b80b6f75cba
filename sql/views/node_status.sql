/* The nodes: up, stopped or lost, what each is to run, and what is up there. Takes no lock. */
create or replace view pgdispatch.node_status
with (security_invoker = true) as
select
    n.name,
    n.backgrounders,
    n.application_servers,
    n.only_types,
    n.except_types,
    n.is_drained,
    n.served_types,
    n.types,
    n.processors,
    n.host,
    n.pid,
    n.package_version,
    n.incarnation,
    n.started_at,
    n.heartbeat_at,
    n.is_idle,
    n.created_at,
    n.clock_ahead_for,
    n.process,
    n.is_configured,
    n.stopped_at,
    n.drain_ends_at,
    n.closed_until,
    case
        when n.heartbeat_at is null then 'stopped'
        when n.heartbeat_at <= pgdispatch.now() - pgdispatch.seconds('lease_seconds')
            or n.heartbeat_at > pgdispatch.now() + pgdispatch.seconds('lease_seconds') then 'lost'
        else 'up'
    end as state,
    (
        select count(*)
        from pgdispatch.backgrounder as b
        where b.node = n.name
    ) as up,
    (
        select count(*)
        from pgdispatch.job as j
        where j.state = 'running'
            and j.node = n.name
    ) as busy,
    array(
        select a.address
        from pgdispatch.application_server as a
        where a.node = n.name
        order by a.number
    ) as addresses
from pgdispatch.node as n
order by n.name;

comment on view pgdispatch.node_status is
'The nodes by name: up, stopped or lost, what each is to run, and what is up there.';
comment on column pgdispatch.node_status.name is
'Unique name: letters, digits, dots, underscores and hyphens.';
comment on column pgdispatch.node_status.backgrounders is
'How many backgrounders it shall run; the supervisor follows a change within seconds.';
comment on column pgdispatch.node_status.application_servers is
'How many application server processes it shall run; at least one if it runs backgrounders.';
comment on column pgdispatch.node_status.only_types is
'The job types that it is limited to; null: no such limit. Takes effect at once.';
comment on column pgdispatch.node_status.except_types is
'The job types that it does not take; null: none. Takes effect at once.';
comment on column pgdispatch.node_status.is_drained is
'Whether it takes no new jobs; those that run there go on, until drain_ends_at if that is set. '
'Takes effect at once.';
comment on column pgdispatch.node_status.served_types is
'The job types that its supervisor has handlers for, as it reported; null: all.';
comment on column pgdispatch.node_status.types is
'The job types it takes, from the three columns of types; null: all. Filled in by the database. '
'Where they are not all, a release wakes one job of each type.';
comment on column pgdispatch.node_status.processors is
'Processors of the machine, reported by its supervisor.';
comment on column pgdispatch.node_status.host is 'Host name, reported by its supervisor.';
comment on column pgdispatch.node_status.pid is 'Process id of its supervisor.';
comment on column pgdispatch.node_status.package_version is 'Version that its supervisor runs.';
comment on column pgdispatch.node_status.incarnation is
'Which run of a supervisor holds this name; null when none does.';
comment on column pgdispatch.node_status.started_at is 'When its supervisor started.';
comment on column pgdispatch.node_status.heartbeat_at is
'Last sign of life; older than the lease (setting lease_seconds): lost. Null: stopped.';
comment on column pgdispatch.node_status.is_idle is
'Whether an idle backgrounder wants to be told of new jobs.';
comment on column pgdispatch.node_status.created_at is 'When it was first seen.';
comment on column pgdispatch.node_status.clock_ahead_for is
'How far its clock was ahead of the database''s when its supervisor last told; negative: behind.';
comment on column pgdispatch.node_status.process is
'Which process its supervisor is, on which boot of which machine, for whoever finds the name held; '
'null: it cannot tell.';
comment on column pgdispatch.node_status.is_configured is
'Whether somebody has set what it runs or takes; a node that stopped and has not is forgotten '
'after node_keep_hours.';
comment on column pgdispatch.node_status.stopped_at is
'When its supervisor gave the name back; null: it is up, fell silent, or never was there.';
comment on column pgdispatch.node_status.drain_ends_at is
'Since it is drained: by when nothing runs there any more; null: what runs there goes on.';
comment on column pgdispatch.node_status.state is
'up, stopped (its supervisor was shut down, or has never started) or lost (no sign of life for a '
'lease).';
comment on column pgdispatch.node_status.up is 'How many of its backgrounders are up.';
comment on column pgdispatch.node_status.busy is 'How many jobs run there.';
comment on column pgdispatch.node_status.addresses is
'Where its application servers listen, host:port, by number.';
comment on column pgdispatch.node_status.closed_until is
'While a closed window of it is open: until when; null: none is. Its types are none then.';
