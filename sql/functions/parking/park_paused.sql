/*
 * A ready job is paused: parks it at its pause, and with it those right behind it that are paused,
 * up to five hundred, so that they cost later claims nothing. They have their places again when the
 * pause ends (apply_pauses).
 *
 * As each may be the one that was woken for another gate of it, another one is woken there instead,
 * that is not paused itself: wake_past_pauses.
 *
 * Nobody but the end of the pause wakes these jobs. Whoever ends it takes the pause's lock, so that
 * he sees all that are parked. And whoever parks has that lock, shared, and then looks whether the
 * pause still holds: the naive way, by what the claim saw at its beginning, would leave a job
 * parked there for ever.
 *
 *   parked     it is, with `jobs` in all
 *   passed     a rival has it
 *   contended  the pause is just ending: commit and ask again
 *
 * Locks: the pause's gate, shared, trying only; the jobs' rows, skipping those that others hold.
 */
create or replace function pgdispatch.park_paused(
    p_ready refcursor,
    p_job bigint,
    p_gates text[],
    p_paused text[],
    out verdict text,
    out jobs integer
)
language plpgsql
as $$
declare
    v_next record;
    v_id bigint := p_job;
    v_gates text[] := p_gates;
    v_jobs bigint[] := '{}';
    v_places text[] := '{}';
    v_held text[] := '{}';
    v_givers bigint[] := '{}';
    v_others text[] := '{}';
    v_at text;
    v_other record;
begin
    jobs := 0;
    perform from pgdispatch.job where id = p_job and state = 'ready' for update skip locked;
    if not found then  -- before a fetch: the caller goes on with the next one
        verdict := 'passed';
        return;
    end if;
    loop
        if v_gates[1] <> all (v_held) then
            exit when not pgdispatch.is_still_paused(v_gates[1]);
            v_held := v_held || v_gates[1];
        end if;
        v_jobs := v_jobs || v_id;
        v_places := v_places || v_gates[1];
        v_givers := v_givers || array_fill(v_id, array[cardinality(v_gates) - 1]);
        v_others := v_others || v_gates[2:];
        exit when cardinality(v_jobs) = 500;
        fetch p_ready into v_next;
        exit when not found or v_next.gates[1] <> all (p_paused) or v_next.gates = '{}';
        v_id := v_next.id;
        v_gates := v_next.gates;
    end loop;
    if v_jobs = '{}' then
        verdict := 'contended';
        return;
    end if;
    foreach v_at in array v_held loop
        jobs := jobs + pgdispatch.park_at(v_at, array(
            select id from unnest(v_jobs, v_places) as m (id, place) where place = v_at
        ));
    end loop;
    for v_other in
        select
            o.gate,
            min(o.giver) as giver,
            count(*)::integer as jobs
        from unnest(v_others, v_givers) as o (gate, giver)
        group by o.gate
        order by o.gate
    loop
        jobs := jobs + pgdispatch.wake_past_pauses(
            v_other.gate, v_other.giver, v_other.jobs, p_paused
        );
    end loop;
    verdict := 'parked';
end
$$;

comment on function pgdispatch.park_paused(refcursor, bigint, text[], text[]) is
'Parks a ready job that is paused, with those right behind it that are, and how many; passed: a '
'rival has it; contended: the pause is just ending.';
