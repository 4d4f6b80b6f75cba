/* The web processes of nodes. Written when one starts or stops. */
create table if not exists pgdispatch.application_server (
    id text primary key,
    node text not null,
    number integer not null,
    pid integer not null,
    address text not null,
    started_at timestamptz not null default pg_catalog.now(),
    constraint application_server_id_check check (id = node || '/' || number)
);

comment on table pgdispatch.application_server is
'The application servers that are up: health and metrics of their node over HTTP.';
comment on column pgdispatch.application_server.id is 'node/number, for example etl-1/1.';
comment on column pgdispatch.application_server.node is 'The node it runs on.';
comment on column pgdispatch.application_server.number is 'Its number on that node, from 1.';
comment on column pgdispatch.application_server.pid is 'Its process id there.';
comment on column pgdispatch.application_server.address is 'Where it listens, host:port.';
comment on column pgdispatch.application_server.started_at is 'When the process started.';
