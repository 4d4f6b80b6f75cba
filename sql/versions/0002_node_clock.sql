/*
 * Nodes report their clock. Locks: node, which heartbeats write; a new column without a default
 * takes a moment only.
 */
alter table pgdispatch.node add column clock_ahead_for interval;

comment on column pgdispatch.node.clock_ahead_for is
'How far its clock was ahead of the database''s when its supervisor last told; negative: behind.';
