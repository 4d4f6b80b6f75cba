/*
 * The best jobs parked at a gate, of one type where that is given, that are paused move to their
 * pauses: up to the first that is not, and five hundred at most. Returns those that it moved: who
 * waits at their earlier gates has lost a stand-in (park).
 * Locks: as park_paused.
 */
create or replace function pgdispatch.move_to_pauses(
    p_gate text,
    p_type text,
    p_paused text[]
)
returns bigint[]
language plpgsql
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
set jit = off
as $$
declare
    v_one record;
    v_jobs bigint[] := '{}';
    v_places text[] := '{}';
    v_at text;
    v_moved bigint[] := '{}';
begin
    for v_one in
        select
            id,
            pgdispatch.pause_of(site, type, schedule, p_paused) as place
        from pgdispatch.job
        where state = 'parked'
            and gate = p_gate
            and (p_type is null or type = p_type)
        order by precedence, priority, queued_at, type_rank, tie_first, tie_second, id
        limit 500
    loop
        exit when v_one.place is null;
        v_jobs := v_jobs || v_one.id;
        v_places := v_places || v_one.place;
    end loop;
    foreach v_at in array array(select distinct p from unnest(v_places) as p order by p) loop
        continue when not pgdispatch.is_still_paused(v_at);
        with moved as (
            update pgdispatch.job
            set gate = v_at,
                promoted_at = case
                    when pgdispatch.gate_kind(p_gate) = 'site' then pgdispatch.now()
                    else promoted_at
                end,
                parked_gates = case
                    when v_at = any (parked_gates) then parked_gates
                    else parked_gates || v_at
                end
            where id in (
                select id
                from pgdispatch.job
                where id in (
                    select m.id from unnest(v_jobs, v_places) as m (id, place) where m.place = v_at
                )
                    and state = 'parked'
                    and gate = p_gate
                for update skip locked
            )
            returning id
        )
        select v_moved || array_agg(id) into v_moved from moved;
    end loop;
    return v_moved;
end
$$;

comment on function pgdispatch.move_to_pauses(text, text, text[]) is
'Moves the best jobs parked at a gate to their pauses, as long as they are paused; returns '
'them.';
