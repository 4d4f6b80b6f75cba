/* One row: since when somebody has been looking for lost nodes without a break. */
create table if not exists pgdispatch.watch (
    is_only boolean primary key default true,
    since timestamptz not null,
    observed_at timestamptz not null,
    server_started_at timestamptz,
    constraint watch_is_only_check check (is_only)
);

comment on table pgdispatch.watch is
'Since when the heartbeats have been watched without a break: while the database was away, nobody '
'could send one, and nobody is lost for it. One row, written by take_back.';
comment on column pgdispatch.watch.is_only is 'True; there is one row.';
comment on column pgdispatch.watch.since is 'Since when there has been no break.';
comment on column pgdispatch.watch.observed_at is 'When a supervisor last looked.';
comment on column pgdispatch.watch.server_started_at is
'Which run of the server that was: another one starts the watch afresh.';
