/* Processes that run jobs. Written when one starts or stops, never per job. */
create table if not exists pgdispatch.backgrounder (
    id text primary key,
    node text not null,
    number integer not null,
    pid integer not null,
    started_at timestamptz not null default pg_catalog.now(),
    constraint backgrounder_id_check check (id = node || ':' || number)
);

create index if not exists backgrounder_node_idx on pgdispatch.backgrounder (node);

comment on table pgdispatch.backgrounder is
'The background processes that are up. What each one does is derived from the running jobs.';
comment on column pgdispatch.backgrounder.id is 'node:number, for example etl-1:3.';
comment on column pgdispatch.backgrounder.node is 'The node it runs on.';
comment on column pgdispatch.backgrounder.number is 'Its number on that node, from 1.';
comment on column pgdispatch.backgrounder.pid is 'Its process id there.';
comment on column pgdispatch.backgrounder.started_at is 'When the process started.';
