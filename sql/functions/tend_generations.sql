/*
 * Keeps the head of the ready jobs cheap to find: one step a call, see the table generation. Some
 * claims call it after their start. With p_force it opens a generation whether it is needed or not.
 *
 * Each step waits until everybody knows of the one before, by the horizon: every transaction that
 * was under way at a moment after that step has ended. Claims and writers take their transaction
 * number before they read where to look or what to write, so none of them is missed.
 *
 * Locks: pg_try_advisory_xact_lock(1885824116, 0), nothing if a rival has it; the rows of the last
 * jobs of the older generation, skipping what others hold.
 * Rivals: a claim that finds one of those rows held looks at the lock, and asks again.
 */
create or replace function pgdispatch.tend_generations(p_force boolean default false)
returns void
language plpgsql
as $$
declare
    v_last pgdispatch.generation;
    v_next_transaction bigint;
    v_over boolean;
begin
    if not pg_try_advisory_xact_lock(1885824116, 0) then
        return;
    end if;
    select * into v_last from pgdispatch.generation order by id desc limit 1;
    v_next_transaction := pg_snapshot_xmax(pg_current_snapshot())::text::bigint;  -- after that look
    v_over := coalesce(
        pg_snapshot_xmin(pg_current_snapshot())::text::bigint >= v_last.horizon, false
    );
    if v_last.horizon > v_next_transaction then  -- it is of the server that was dumped
        v_last.horizon := v_next_transaction;
        perform pgdispatch.append_generation(v_last);
    elsif v_last.step = 'steady' and v_last.older is not null then
        perform pgdispatch.raise_floor(v_last, p_force);
    elsif v_last.step = 'steady' and (p_force or pgdispatch.is_head_dear(v_last.open)) then
        insert into pgdispatch.generation (
            step, open, older, floor_precedence, floor_priority, floor_queued_at,
            floor_type_rank, floor_tie_first, floor_tie_second, floor_id
        )
        values ('announced', v_last.open + 1, v_last.open, -1, 0, 'epoch', 0, 0, 0, 0);
    elsif v_last.step = 'announced' and v_last.horizon is null then
        v_last.horizon := v_next_transaction;
        perform pgdispatch.append_generation(v_last);
    elsif v_last.step = 'announced' and v_over then
        perform setval('pgdispatch.ready_generation', v_last.open);
        v_last.step := 'closing';
        v_last.horizon := pg_snapshot_xmax(pg_current_snapshot())::text::bigint;
        perform pgdispatch.append_generation(v_last);
    elsif v_last.step = 'closing' and v_over then
        v_last.step := 'steady';
        v_last.horizon := null;
        perform pgdispatch.raise_floor(v_last, false);
    end if;
end
$$;

comment on function pgdispatch.tend_generations(boolean) is
'Keeps the head of the ready jobs cheap to find; does one step of opening or closing a generation.';
