/*
 * Takes the locks of gates until the transaction ends, and waits for each for a bounded time only:
 * nobody may be held up by a person who thinks in an open transaction, by a prepared one, or by a
 * client that hangs. Returns the gates it got, which are nearly always all; of the others it leaves
 * a notice.
 *
 * With that the caller may go on: park a job at such a gate, or end one that occupies it. What the
 * holder of the lock did not see, and whom the caller did not unpark, the next claim puts right
 * that gets the lock (unpark_noticed).
 *
 * Locks: as lock_gates.
 */
create or replace function pgdispatch.take_gates(p_gates text[])
returns text[]
language plpgsql
as $$
declare
    v_taken text[] := '{}';
    v_gate text;
begin
    if pgdispatch.lock_gates(p_gates, false) then
        return p_gates;
    end if;
    for v_gate in
        select gate
        from unnest(p_gates) as gate
        group by gate
        order by hashtext(gate)
    loop
        if pgdispatch.wait_for_gate(v_gate) then
            v_taken := v_taken || v_gate;
        else
            perform pgdispatch.notice_gate(v_gate);
        end if;
    end loop;
    return v_taken;
end
$$;

comment on function pgdispatch.take_gates(text[]) is
'Locks gates until the end of the transaction and returns those it got: all, but for what a '
'transaction holds that goes on and on.';
