/*
 * Puts the sequence of generations forward to where the table says, and the jobs that it misled
 * with it. Logical replication brings tables over and no sequence: then jobs become ready where
 * nobody looks, or before the floor of the older generation.
 * With the step `behind` claims look at all of the older generation again, and an announcement is
 * taken back. Then 250 misled jobs a call go over to the open one, until none is left and all
 * transactions that may have used the sequence as it was have ended.
 * Locks: the first lock 'generations', trying; nothing if a rival has it; those jobs' rows,
 * skipping what others hold.
 */
create or replace function pgdispatch.catch_up_generations()
returns void
language plpgsql
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
set jit = off
as $$
declare
    v_last pgdispatch.generation;
    v_is_known boolean := false;
begin
    if not pg_try_advisory_xact_lock(pgdispatch.lock_class('generations'), 0) then
        return;
    end if;
    select * into v_last from pgdispatch.generation order by id desc limit 1;
    if v_last.step = 'behind'
        and pg_sequence_last_value('pgdispatch.ready_generation') = v_last.open then
        v_is_known := pgdispatch.is_generation_known(v_last.id);
    else
        if v_last.step in ('announced', 'turning') then
            v_last.open := v_last.older;
            v_last.older := null;
        end if;
        v_last.step := 'behind';
        v_last.floor_precedence := -1;
        v_last.floor_priority := 0;
        v_last.floor_queued_at := 'epoch';
        v_last.floor_type_rank := 0;
        v_last.floor_tie_first := 0;
        v_last.floor_tie_second := 0;
        v_last.floor_id := 0;
        perform setval('pgdispatch.ready_generation', v_last.open);
        perform pgdispatch.append_generation(v_last);
    end if;
    update pgdispatch.job
    set generation = v_last.open
    where id in (
        select id
        from pgdispatch.job
        where state = 'ready'
            and generation < coalesce(v_last.older, v_last.open)
        order by
            generation, precedence, priority, queued_at, type_rank, tie_first, tie_second, id
        limit 250
        for update skip locked
    );
    if v_is_known and not pgdispatch.is_generation_missed(v_last) then
        v_last.step := 'steady';
        perform pgdispatch.advance_floor(v_last, false);
    end if;
end
$$;

comment on function pgdispatch.catch_up_generations() is
'Puts the sequence of generations forward, and the jobs that it misled; does a part of it a call.';
