/*
 * Whose transaction holds the lock of a gate that a claim could not get, for people.
 * Locks: none.
 */
create or replace function pgdispatch.gate_holder(
    p_gate text,
    out pid integer,
    out gid text,
    out whose text
)
language plpgsql
volatile
as $$
#variable_conflict use_column
declare
    v_holder record;
begin
    select * into v_holder from pgdispatch.gate_holders(p_gate) order by pid nulls first limit 1;
    if v_holder.pid is not null then
        select
            a.pid,
            concat_ws(
                ', ', 'transaction of ' || coalesce(a.usename, '?'), 'process ' || a.pid,
                nullif(a.application_name, '')
            )
        into pid, whose
        from pg_stat_activity as a
        where a.pid = v_holder.pid;
    else
        select
            p.gid,
            format('prepared transaction %L of %s', p.gid, p.owner)
        into gid, whose
        from pg_locks as l
        join pg_prepared_xacts as p on p.transaction = l.transactionid
        where l.locktype = 'transactionid'
            and l.virtualtransaction = v_holder.virtualtransaction
            and l.pid is null
        limit 1;
    end if;
end
$$;

comment on function pgdispatch.gate_holder(text) is
'Whose transaction holds the lock of a gate: its process or, if it is prepared, its name, and both '
'in words; nulls: nobody''s.';
