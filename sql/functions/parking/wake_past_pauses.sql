/*
 * Jobs that are paused have left a gate without using its room: others are woken there. Those among
 * the best five hundred parked there that are paused, too, and have none before them that is not,
 * move to their pauses along with them; then as many are woken as there is room for. If they are
 * paused as well, they come here in turn.
 *
 * The naive way wakes the best, whoever it is: a hundred thousand paused jobs of a site at its
 * limit then move to the pause one by one, each by a claim that starts nothing.
 *
 * One that moves was the stand-in for those at its earlier gates (park): some are woken there, too.
 *
 * A full gate wakes its own, when an occupant ends. But a site's budget that is spent has to meet
 * one of them, as the refill is noted then (apply_over_budget).
 *
 * Where some node does not take every type, this goes for each type by itself, as in unpark.
 * Locks: those rows, skipping what others hold; of a pause to which they move, the gate, shared,
 * trying only. Returns how many it moved.
 */
create or replace function pgdispatch.wake_past_pauses(
    p_gate text,
    p_giver bigint,
    p_most integer,
    p_paused text[]
)
returns integer
language plpgsql
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
set jit = off
as $$
declare
    v_is_limited constant boolean := pgdispatch.is_any_node_limited();
    v_giver pgdispatch.job;
    v_room integer := 1;
    v_has_budget boolean := false;
    v_type text;
    v_ids bigint[] := '{}';
    v_moved integer;
    v_earlier record;
begin
    select * into v_giver from pgdispatch.job where id = p_giver;
    if pgdispatch.gate_kind(p_gate) = 'site' then
        select
            seconds_limit is not null,
            case
                when seconds_limit is not null then 1  -- each admits the next: admit_next_of_site
                else running_limit - (
                    select count(*)
                    from pgdispatch.job
                    where state = 'running'
                        and site = v_giver.site
                )
            end
        into v_has_budget, v_room
        from pgdispatch.site
        where name = v_giver.site;
    end if;
    if not coalesce(v_has_budget, false)
        and pgdispatch.full_gates(v_giver, array[p_gate]) <> '{}' then
        return 0;
    end if;
    for v_type in
        select name from pgdispatch.job_type where v_is_limited
        union all
        select null where not v_is_limited
    loop
        v_ids := v_ids || pgdispatch.move_to_pauses(p_gate, v_type, p_paused);
        for v_woken in 1..least(p_most, greatest(v_room, 1), 64) loop
            exit when not pgdispatch.unpark_best(p_gate, v_type);
        end loop;
    end loop;
    v_moved := cardinality(v_ids);
    for v_earlier in
        select
            e.gate,
            min(j.id) as giver,
            count(*)::integer as jobs
        from pgdispatch.job as j
        cross join lateral unnest(pgdispatch.gates_of(j)) as e (gate)
        where j.id = any (v_ids)
            and pgdispatch.gate_kind(e.gate) collate "C" < pgdispatch.gate_kind(p_gate)
            and exists (
                select from pgdispatch.job as w where w.state = 'parked' and w.gate = e.gate
            )
        group by e.gate
        order by e.gate
    loop
        v_moved := v_moved + pgdispatch.wake_past_pauses(
            v_earlier.gate, v_earlier.giver, v_earlier.jobs, p_paused
        );
    end loop;
    return v_moved;
end
$$;

comment on function pgdispatch.wake_past_pauses(text, bigint, integer, text[]) is
'Wakes jobs at a gate with room that a paused job, the giver, does not use, so many at most; those '
'before them that are paused move to their pauses, and how many.';
