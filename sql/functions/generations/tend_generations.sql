/*
 * Keeps the head of the ready jobs cheap to find: one step a call, see the table generation. Some
 * claims call it after their start. With p_force it opens a generation whether it is needed or not.
 *
 *   steady     if the head of the open generation is slow: announce the next
 *   announced  the announcement is committed: from here on, claims that begin know of it
 *   turning    all claims know of it: let writers use it, which sets a sequence, at once
 *   closing    all writers use it: nobody adds to the older one any more
 *   behind     see catch_up_generations
 *
 * Whoever was under way before the last row was written is waited for, see append_generation.
 * Claims and writers take their transaction number before they read where to look or what to
 * write, so none of them is missed.
 *
 * Locks: the first lock 'generations', trying; nothing if a rival has it; see advance_floor.
 */
create or replace function pgdispatch.tend_generations(p_force boolean default false)
returns void
language plpgsql
as $$
declare
    v_last pgdispatch.generation;
    v_at integer;
begin
    if not pg_try_advisory_xact_lock(pgdispatch.lock_class('generations'), 0) then
        return;
    end if;
    select * into v_last from pgdispatch.generation order by id desc limit 1;
    v_at := coalesce(pg_sequence_last_value('pgdispatch.ready_generation'), 0);
    if coalesce(pg_sequence_last_value('pgdispatch.generation_id_seq'), 0) < v_last.id then
        perform setval('pgdispatch.generation_id_seq', v_last.id);
    end if;
    if v_at > v_last.open
        or exists (
            select from pgdispatch.job where state = 'ready' and generation > v_last.open
        ) then
        perform pgdispatch.recover_generations(v_last.open);
    elsif v_last.step = 'behind'
        or v_at < v_last.open - (v_last.step in ('announced', 'turning'))::integer then
        perform pgdispatch.catch_up_generations();
    elsif v_last.step = 'steady' and v_last.older is not null then
        perform pgdispatch.advance_floor(v_last, p_force);
    elsif v_last.step = 'steady' and (p_force or pgdispatch.is_head_slow(v_last.open)) then
        insert into pgdispatch.generation (
            step, open, older, floor_precedence, floor_priority, floor_queued_at,
            floor_type_rank, floor_tie_first, floor_tie_second, floor_id
        )
        values ('announced', v_last.open + 1, v_last.open, -1, 0, 'epoch', 0, 0, 0, 0);
    elsif v_last.step = 'announced' then
        v_last.step := 'turning';
        perform pgdispatch.append_generation(v_last);
    elsif v_last.step = 'turning' and pgdispatch.is_generation_known(v_last.id) then
        perform setval('pgdispatch.ready_generation', v_last.open);
        v_last.step := 'closing';
        perform pgdispatch.append_generation(v_last);
    elsif v_last.step = 'closing' and pgdispatch.is_generation_known(v_last.id) then
        v_last.step := 'steady';
        perform pgdispatch.advance_floor(v_last, false);
    end if;
end
$$;

comment on function pgdispatch.tend_generations(boolean) is
'Keeps the head of the ready jobs cheap to find; does one step of opening or closing a generation.';
