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
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
set jit = off
as $$
declare
    v_type text;
    v_found boolean := false;
begin
    perform pgdispatch.check_isolation();
    if not pgdispatch.is_any_node_limited() then
        update pgdispatch.job
        set state = 'ready',
            generation = pgdispatch.current_generation(),
            gate = null,
            promoted_at = case
                when p_gate like 'site/%' then pgdispatch.now()
                else promoted_at
            end
        where id = (
            select id
            from pgdispatch.job
            where state = 'parked'
                and gate = p_gate
            order by precedence, priority, queued_at, type_rank, tie_first, tie_second, id
            limit 1
            for update skip locked
        );
        return found;
    end if;
    for v_type in select name from pgdispatch.job_type loop
        update pgdispatch.job
        set state = 'ready',
            generation = pgdispatch.current_generation(),
            gate = null,
            promoted_at = case
                when p_gate like 'site/%' then pgdispatch.now()
                else promoted_at
            end
        where id = (
            select id
            from pgdispatch.job
            where state = 'parked'
                and gate = p_gate
                and type = v_type
            order by precedence, priority, queued_at, type_rank, tie_first, tie_second, id
            limit 1
            for update skip locked
        );
        v_found := v_found or found;
    end loop;
    return v_found;
end
$$;

comment on function pgdispatch.unpark(text) is
'Makes the best job parked at a gate ready again, or the best of each type where some node does '
'not take all types; false if none is parked there.';
