/*
 * Turns the best job parked at a gate to ready. Always harmless: a claim parks it again if the
 * gate is full after all. Forgetting it would be a stall.
 * Where some node does not take every type, it unparks the best of each type: else the one unparked
 * could be of a type that nobody free takes, and hold up all behind it.
 * Locks: those rows, skipping what others hold.
 */
create or replace function pgdispatch.unpark(p_gate text)
returns boolean
language plpgsql
as $$
declare
    v_type text;
    v_found boolean := false;
begin
    perform pgdispatch.check_isolation();
    if not pgdispatch.is_any_node_limited() then
        return pgdispatch.unpark_best(p_gate);
    end if;
    for v_type in select name from pgdispatch.job_type loop
        v_found := pgdispatch.unpark_best(p_gate, v_type) or v_found;
    end loop;
    return v_found;
end
$$;

comment on function pgdispatch.unpark(text) is
'Makes the best job parked at a gate ready again, or the best of each type where some node does '
'not take all types; false if none is parked there.';
