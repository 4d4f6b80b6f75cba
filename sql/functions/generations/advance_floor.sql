/*
 * Raises the floor of the closed generation to its first job, or ends the generation when none is
 * left. Where the next one is wanted already (the open head is slow, or p_force), the last few jobs
 * of the older go over to the open one: they become ready anew, in their old place in the order.
 * Locks: the second lock 'generations', which others hold for an instant only; those jobs' rows,
 * skipping what others hold. The caller holds the first.
 */
create or replace function pgdispatch.advance_floor(
    p_last pgdispatch.generation,
    p_force boolean
)
returns void
language plpgsql
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
set jit = off
as $$
declare
    v_next pgdispatch.generation := p_last;
    v_left bigint[];
begin
    select
        precedence, priority, queued_at, type_rank, tie_first, tie_second, id
    into
        v_next.floor_precedence, v_next.floor_priority, v_next.floor_queued_at,
        v_next.floor_type_rank, v_next.floor_tie_first, v_next.floor_tie_second, v_next.floor_id
    from pgdispatch.job
    where state = 'ready'
        and generation = p_last.older
        and (precedence, priority, queued_at, type_rank, tie_first, tie_second, id) >= (
            p_last.floor_precedence, p_last.floor_priority, p_last.floor_queued_at,
            p_last.floor_type_rank, p_last.floor_tie_first, p_last.floor_tie_second,
            p_last.floor_id
        )
    order by precedence, priority, queued_at, type_rank, tie_first, tie_second, id
    limit 1;
    if not found then
        v_next.older := null;
    elsif p_force or pgdispatch.is_head_slow(p_last.open) then
        v_left := array(
            select id
            from pgdispatch.job
            where state = 'ready'
                and generation = p_last.older
                and (precedence, priority, queued_at, type_rank, tie_first, tie_second, id) >= (
                    v_next.floor_precedence, v_next.floor_priority, v_next.floor_queued_at,
                    v_next.floor_type_rank, v_next.floor_tie_first, v_next.floor_tie_second,
                    v_next.floor_id
                )
            order by precedence, priority, queued_at, type_rank, tie_first, tie_second, id
            limit 65
        );
        perform pg_advisory_xact_lock(pgdispatch.lock_class('generations'), 1);
        update pgdispatch.job
        set generation = pgdispatch.current_generation()
        where cardinality(v_left) < 65
            and id in (
                select id
                from pgdispatch.job
                where id = any (v_left)
                    and state = 'ready'
                for update skip locked
            );
    end if;
    perform pgdispatch.append_generation(v_next);
end
$$;

comment on function pgdispatch.advance_floor(pgdispatch.generation, boolean) is
'Notes how far the closed generation of ready jobs has been worked off.';
