/*
 * A node that is drained may have a time by which nothing runs there any more.
 * Locks: node, until the end of the transaction; whoever uses it waits.
 */
alter table pgdispatch.node
    add column drain_ends_at timestamptz;

comment on column pgdispatch.node.drain_ends_at is
'Since it is drained: by when nothing runs there any more; null: what runs there goes on.';
