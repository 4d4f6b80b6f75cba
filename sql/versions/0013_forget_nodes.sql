/*
 * Nodes that stopped and that nobody has configured are forgotten. Of those that are there, each
 * that has anything set counts as configured: nobody knows any more who has set it.
 * Locks: node, which heartbeats write, for a moment.
 */
alter table pgdispatch.node add column is_configured boolean not null default false;
alter table pgdispatch.node add column stopped_at timestamptz;

comment on column pgdispatch.node.is_configured is
'Whether somebody has set what it runs or takes; a node that stopped and has not is forgotten '
'after node_keep_hours.';
comment on column pgdispatch.node.stopped_at is
'When its supervisor gave the name back; null: it is up, fell silent, or never was there.';

update pgdispatch.node
set is_configured = true
where backgrounders <> 1
    or application_servers <> 1
    or only_types is not null
    or except_types is not null;

update pgdispatch.node
set stopped_at = pg_catalog.now()
where heartbeat_at is null
    and started_at is not null;
