/*
 * A waiting job goes away, or back, without running: wakes the best job at each of its gates but
 * the one at which it is parked, since it may have been the one woken for them, or their stand-in.
 * Locks: those rows, skipping what others hold; no gates, see cancel.
 */
create or replace function pgdispatch.hand_back_gates(p_job pgdispatch.job)
returns void
language plpgsql
as $$
declare
    v_gate text;
    v_woken boolean := false;
begin
    if p_job.state <> 'delayed' then
        foreach v_gate in array pgdispatch.gates_of(p_job) loop
            if v_gate is distinct from p_job.gate then
                v_woken := pgdispatch.unpark(v_gate) or v_woken;
            end if;
        end loop;
    end if;
    if v_woken then
        perform pgdispatch.notify_idle_nodes();
    end if;
end
$$;

comment on function pgdispatch.hand_back_gates(pgdispatch.job) is
'Wakes the best job at each gate of a waiting job that does not run after all.';
