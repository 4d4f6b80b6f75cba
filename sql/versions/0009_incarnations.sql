/*
 * Jobs, nodes and the watch note which run of a process they belong to, and compare that instead of
 * times. Locks: job, node and watch; new columns without a default take a moment only.
 */
alter table pgdispatch.job add column incarnation uuid;
alter table pgdispatch.node add column process text;
alter table pgdispatch.watch add column server_started_at timestamptz;

comment on column pgdispatch.job.incarnation is
'Which run of its node''s supervisor was up when it was started; null: none.';
comment on column pgdispatch.node.process is
'Which process its supervisor is, on which boot of which machine, for whoever finds the name held; '
'null: it cannot tell.';
comment on column pgdispatch.watch.server_started_at is
'Which run of the server that was: another one starts the watch afresh.';

drop function pgdispatch.is_watched(timestamptz, interval);
drop function pgdispatch.register_node(
    text, uuid, integer, text[], integer, text, integer, text
);
drop function pgdispatch.start_job(
    bigint, smallint, double precision, text[], text, timestamptz
);
