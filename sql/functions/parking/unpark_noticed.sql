/*
 * Gates of which there is a notice: takes the lock of each that is free by now, and unparks
 * those that have room there. Returns the gates still held, whose jobs are to be passed over.
 * Locks: those of the gates, trying only, until the transaction ends; the notices, and the rows of
 * parked jobs, skipping what others hold.
 * Rivals: find the lock taken, and pass the jobs of that gate over until this transaction ends.
 */
create or replace function pgdispatch.unpark_noticed(p_gates text[])
returns text[]
language plpgsql
as $$
declare
    v_held text[] := '{}';
    v_gate text;
begin
    for v_gate in select gate from unnest(p_gates) as gate group by gate loop
        if not pg_try_advisory_xact_lock(pgdispatch.lock_class('gate'), hashtext(v_gate)) then
            v_held := v_held || v_gate;
            continue;
        end if;
        delete from pgdispatch.gate_notice
        where id in (
            select id from pgdispatch.gate_notice where gate = v_gate for update skip locked
        );
        if pgdispatch.unpark_up_to_room(v_gate) then
            perform pgdispatch.notice_gate(v_gate);
        end if;
    end loop;
    return v_held;
end
$$;

comment on function pgdispatch.unpark_noticed(text[]) is
'Unparks those who are parked at gates of which there is a notice, and returns the gates that '
'somebody still holds.';
