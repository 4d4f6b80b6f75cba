/*
 * Turns the best job parked at a gate to ready. Always harmless: a claim parks it again if the
 * gate is full after all. Forgetting it would be a stall.
 * Locks: that row, skipping what others hold.
 */
create or replace function pgdispatch.unpark(p_gate text)
returns boolean
language plpgsql
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
set jit = off
as $$
begin
    update pgdispatch.job
    set state = 'ready',
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
end
$$;

comment on function pgdispatch.unpark(text) is
'Makes the best job parked at a gate ready again; false if none is parked there.';
