/*
 * Parks those of some jobs at a gate that are ready; returns how many it parked.
 * Locks: their rows, skipping what others hold.
 */
create or replace function pgdispatch.park_at(p_gate text, p_jobs bigint[])
returns integer
language plpgsql
as $$
declare
    v_count integer;
begin
    update pgdispatch.job
    set state = 'parked',
        gate = p_gate,
        promoted_at = case
            when pgdispatch.gate_kind(p_gate) = 'site' then null
            else promoted_at
        end,
        parked_gates = case
            when p_gate = any (parked_gates) then parked_gates
            else parked_gates || p_gate
        end
    where id in (
        select id
        from pgdispatch.job
        where id = any (p_jobs)
            and state = 'ready'
        for update skip locked
    );
    get diagnostics v_count = row_count;
    return v_count;
end
$$;

comment on function pgdispatch.park_at(text, bigint[]) is
'Parks those of some jobs at a gate that are ready and not held by others; returns how many.';
