/*
 * Wakes as unpark does at every gate where somebody is parked, because what a release has to wake
 * has just changed: a node came that takes other types.
 * Locks: rows, skipping what others hold. Waking is harmless, so no gate's lock is needed.
 */
create or replace function pgdispatch.unpark_all_gates()
returns void
language plpgsql
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
set jit = off
as $$
declare
    v_gate text := '';
begin
    loop
        select gate
        into v_gate
        from pgdispatch.job
        where state = 'parked'
            and gate > v_gate
        order by gate
        limit 1;
        exit when not found;
        perform pgdispatch.unpark(v_gate);
    end loop;
end
$$;

comment on function pgdispatch.unpark_all_gates() is
'Wakes the best job, or the best of each type, at every gate.';
