/*
 * Takes the locks of gates until the transaction ends, in the one global order.
 * Locks: pg_advisory_xact_lock(1885824105, hash of the name), ascending by hash. Two names with
 * one hash share a lock, which costs waiting but is never wrong.
 */
create or replace function pgdispatch.lock_gates(p_gates text[], p_wait boolean)
returns boolean
language plpgsql
as $$
declare
    v_is_sound boolean;
    v_key integer;
begin
    v_is_sound := pgdispatch.check_isolation();
    if cardinality(p_gates) = 1 and p_wait then
        perform pg_advisory_xact_lock(1885824105, hashtext(p_gates[1]));
        return true;
    elsif cardinality(p_gates) = 1 then
        return pg_try_advisory_xact_lock(1885824105, hashtext(p_gates[1]));
    end if;
    for v_key in
        select distinct hashtext(gate)
        from unnest(p_gates) as gate
        order by 1
    loop
        if p_wait then
            perform pg_advisory_xact_lock(1885824105, v_key);
        elsif not pg_try_advisory_xact_lock(1885824105, v_key) then
            return false;
        end if;
    end loop;
    return true;
end
$$;

comment on function pgdispatch.lock_gates(text[], boolean) is
'Locks gates until the end of the transaction; without p_wait it only tries, and returns false '
'at the first that somebody else holds.';
