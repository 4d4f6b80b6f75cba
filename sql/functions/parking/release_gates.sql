/*
 * Jobs have left their gates: wakes the best job at each. So many of them are for the caller's own
 * claims.
 * Locks: the caller holds the locks of the gates; rows, skipping what others hold.
 */
create or replace function pgdispatch.release_gates(p_gates text[], p_claims integer)
returns void
language plpgsql
as $$
declare
    v_gate text;
    v_woken integer := 0;
begin
    if not exists (
        select from pgdispatch.job where state = 'parked' and gate = any (p_gates)
    ) then
        return;
    end if;
    foreach v_gate in array p_gates loop
        v_woken := v_woken + pgdispatch.unpark(v_gate)::integer;
    end loop;
    if v_woken > p_claims then
        perform pgdispatch.notify_idle_nodes();
    end if;
end
$$;

comment on function pgdispatch.release_gates(text[], integer) is
'Wakes the best job at each gate that jobs have left, and idle nodes if there are more of them '
'than the caller claims itself.';
