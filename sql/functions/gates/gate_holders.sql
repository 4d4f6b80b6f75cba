/* Whose transactions, but for the caller's, hold a gate's lock; a prepared one has no process. */
create or replace function pgdispatch.gate_holders(p_gate text)
returns table (virtualtransaction text, pid integer)
language sql
volatile
as $$
    select
        virtualtransaction,
        pid
    from pg_locks
    where locktype = 'advisory'
        and classid = pgdispatch.lock_class('gate')
        and objid::bigint = hashtext(p_gate)::bigint & 4294967295
        and objsubid = 2
        and granted
        and pid is distinct from pg_backend_pid()
        and database = (select oid from pg_database where datname = current_database())
$$;

comment on function pgdispatch.gate_holders(text) is
'The virtual transactions, but for the caller''s, that hold the lock of a gate, and their '
'processes; a prepared one has none.';
