/*
 * Takes the locks of gates until the transaction ends, in the one global order. Who waits does so
 * for a bounded time, see take_gates.
 * Locks: the lock 'gate' of each, ascending by the hash of its name. Two names with one hash share
 * a lock, which costs waiting but is never wrong.
 */
create or replace function pgdispatch.lock_gates(p_gates text[], p_wait boolean)
returns boolean
language plpgsql
as $$
declare
    v_is_sound boolean;
    v_gate text;
    v_last bigint := -2147483649;  -- below every key
    v_key integer;
begin
    if p_wait then
        return p_gates <@ pgdispatch.take_gates(p_gates);
    end if;
    v_is_sound := pgdispatch.check_isolation();
    if cardinality(p_gates) > 6 then  -- of many jobs
        for v_key in select distinct hashtext(g) as key from unnest(p_gates) as g order by key loop
            if not pg_try_advisory_xact_lock(pgdispatch.lock_class('gate'), v_key) then
                return false;
            end if;
        end loop;
        return true;
    end if;
    for v_turn in 1..cardinality(p_gates) loop  -- a query that sorts takes longer
        v_key := null;
        foreach v_gate in array p_gates loop
            if hashtext(v_gate) > v_last then
                v_key := least(v_key, hashtext(v_gate));
            end if;
        end loop;
        exit when v_key is null;  -- two names with one hash
        if not pg_try_advisory_xact_lock(pgdispatch.lock_class('gate'), v_key) then
            return false;
        end if;
        v_last := v_key;
    end loop;
    return true;
end
$$;

comment on function pgdispatch.lock_gates(text[], boolean) is
'Locks gates until the end of the transaction; without p_wait it only tries, and returns false '
'at the first that somebody else holds; with it, if one is held for long: the others are locked.';
