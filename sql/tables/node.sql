/* Machines that run background processes. One heartbeat a node, none per job or process. */
create table if not exists pgdispatch.node (
    name text primary key,
    backgrounders integer not null default 1,
    application_servers integer not null default 1,
    only_types text[],
    except_types text[],
    is_drained boolean not null default false,
    served_types text[],
    types text[],
    processors integer,
    host text,
    pid integer,
    package_version text,
    incarnation uuid,
    started_at timestamptz,
    heartbeat_at timestamptz,
    is_idle boolean not null default false,
    created_at timestamptz not null default pg_catalog.now(),
    clock_ahead_for interval,
    process text,
    is_configured boolean not null default false,
    stopped_at timestamptz,
    targets text[],
    drain_ends_at timestamptz,
    closed_until timestamptz,
    constraint node_name_check check (name ~ '^[[:alnum:]][[:alnum:]._-]{0,62}$'),
    constraint node_backgrounders_check check (backgrounders between 0 and 1000),
    constraint node_application_servers_check check (application_servers between 0 and 100)
);

comment on table pgdispatch.node is
'The machines that run background processes. Add one, delete one, and change the columns from '
'backgrounders to is_drained; drain_ends_at is written by drain, the rest by its supervisor. One '
'that stopped and on which nobody has set anything goes by itself after node_keep_hours; one that '
'fell silent, after seven times as long.';
comment on column pgdispatch.node.name is
'Unique name: letters, digits, dots, underscores and hyphens.';
comment on column pgdispatch.node.backgrounders is
'How many backgrounders it shall run; the supervisor follows a change within seconds.';
comment on column pgdispatch.node.application_servers is
'How many application server processes it shall run; at least one if it runs backgrounders.';
comment on column pgdispatch.node.only_types is
'The job types that it is limited to; null: no such limit. Takes effect at once.';
comment on column pgdispatch.node.except_types is
'The job types that it does not take; null: none. Takes effect at once.';
comment on column pgdispatch.node.is_drained is
'Whether it takes no new jobs; those that run there go on, until drain_ends_at if that is set. '
'Takes effect at once.';
comment on column pgdispatch.node.served_types is
'The job types that its supervisor has handlers for, as it reported; null: all.';
comment on column pgdispatch.node.types is
'The job types it takes, from the three columns of types; null: all. Filled in by the database. '
'Where they are not all, a release wakes one job of each type.';
comment on column pgdispatch.node.processors is
'Processors of the machine, reported by its supervisor.';
comment on column pgdispatch.node.host is 'Host name, reported by its supervisor.';
comment on column pgdispatch.node.pid is 'Process id of its supervisor.';
comment on column pgdispatch.node.package_version is 'Version that its supervisor runs.';
comment on column pgdispatch.node.incarnation is
'Which run of a supervisor holds this name; null when none does.';
comment on column pgdispatch.node.started_at is 'When its supervisor started.';
comment on column pgdispatch.node.heartbeat_at is
'Last sign of life; older than the lease (setting lease_seconds): lost. Null: stopped.';
comment on column pgdispatch.node.is_idle is
'Whether an idle backgrounder wants to be told of new jobs.';
comment on column pgdispatch.node.created_at is 'When it was first seen.';
comment on column pgdispatch.node.clock_ahead_for is
'How far its clock was ahead of the database''s when its supervisor last told; negative: behind.';
comment on column pgdispatch.node.process is
'Which process its supervisor is, on which boot of which machine, for whoever finds the name held; '
'null: it cannot tell.';
comment on column pgdispatch.node.is_configured is
'Whether somebody has set what it runs or takes; a node that stopped and has not is forgotten '
'after node_keep_hours.';
comment on column pgdispatch.node.stopped_at is
'When its supervisor gave the name back; null: it is up, fell silent, or never was there.';
comment on column pgdispatch.node.targets is
'The targets of notices that it reaches, by its configuration file; null: none.';
comment on column pgdispatch.node.drain_ends_at is
'Since it is drained: by when nothing runs there any more; null: what runs there goes on.';
comment on column pgdispatch.node.closed_until is
'While a closed window of it is open: until when; null: none is. Its types are none then.';
