/*
 * Gates that the next claim has to look at: a transaction that goes on and on held the lock, so
 * jobs were parked, or ended, without it; or there are more to be woken than one call may wake.
 * Whoever then gets the lock puts it right, see unpark_noticed.
 * Appended to and deleted from, never updated, so that nobody waits for a row of it.
 */
create table if not exists pgdispatch.gate_notice (
    id bigint generated always as identity primary key,
    gate text not null,
    noticed_at timestamptz not null
);

comment on table pgdispatch.gate_notice is
'Gates that the next claim has to look at, as their lock could not be got in time, or more jobs '
'wait there than one call wakes. Empty on a healthy system.';
comment on column pgdispatch.gate_notice.id is 'Counts the rows.';
comment on column pgdispatch.gate_notice.gate is 'The gate.';
comment on column pgdispatch.gate_notice.noticed_at is 'When that was noticed.';
