/*
 * A ready job has a gate whose lock somebody holds who goes on and on: whether it may start nobody
 * can know. It is parked there, and with it those right behind it that have such a gate, up to five
 * hundred, so that they cost later claims nothing: parked, and how many; passed if a rival has it.
 *
 * As each may be the one that was woken for another gate of it, that passes the baton, as in park:
 * once for each, as there is room for one job; at a site for each job.
 *
 * Nobody will wake these jobs but for the notice: so that comes before they are parked.
 *
 * What is paused is park_paused's.
 *
 * Locks: as notice_gate; the jobs' rows, skipping those that others hold. It needs no gate's lock.
 */
create or replace function pgdispatch.pass_over(
    p_ready refcursor,
    p_job bigint,
    p_gates text[],
    p_held text[],
    p_paused text[],
    out verdict text,
    out jobs integer
)
language plpgsql
as $$
declare
    v_is_limited constant boolean := pgdispatch.is_any_node_limited();
    v_next record;
    v_id bigint := p_job;
    v_gates text[] := p_gates;
    v_gate text;
    v_at text;
    v_jobs bigint[] := '{}';
    v_places text[] := '{}';
    v_batons text[] := '{}';
    v_givers bigint[] := '{}';
    v_from text[] := '{}';
    v_empty text[] := '{}';
    v_job pgdispatch.job;
begin
    if p_gates[1] = any (p_paused) then
        select * into verdict, jobs
        from pgdispatch.park_paused(p_ready, p_job, p_gates, p_paused);
        return;
    end if;
    jobs := 0;
    perform from pgdispatch.job where id = p_job and state = 'ready' for update skip locked;
    if not found then  -- before a fetch: the caller goes on with the next one
        verdict := 'passed';
        return;
    end if;
    loop
        v_at := null;
        foreach v_gate in array v_gates loop
            if v_at is null and v_gate = any (p_held) then
                v_at := v_gate;
            end if;
        end loop;
        exit when v_at is null;
        v_jobs := v_jobs || v_id;
        v_places := v_places || v_at;
        foreach v_gate in array v_gates loop
            continue when v_gate = any (p_held)
                or (pgdispatch.gate_kind(v_gate) <> 'site' and v_gate = any (v_batons))
                -- its other jobs are of that site, too: pass_baton
                or (
                    not v_is_limited
                    and pgdispatch.gate_kind(v_gate) = 'datasource'
                    and pgdispatch.gate_kind(v_at) = 'site'
                );
            v_batons := v_batons || v_gate;
            v_givers := v_givers || v_id;
            v_from := v_from || v_at;
        end loop;
        exit when cardinality(v_jobs) = 500;
        fetch p_ready into v_next;
        exit when not found or v_next.gates[1] = any (p_paused);
        v_id := v_next.id;
        v_gates := v_next.gates;
    end loop;
    for v_at in select place from unnest(v_places) as place group by place loop
        perform pgdispatch.notice_gate(v_at);
    end loop;
    for v_at in select place from unnest(v_places) as place group by place loop
        jobs := jobs + pgdispatch.park_at(v_at, array(
            select id from unnest(v_jobs, v_places) as m (id, place) where place = v_at
        ));
    end loop;
    for v_baton in 1..cardinality(v_batons) loop
        v_gate := v_batons[v_baton];
        continue when v_gate = any (v_empty);
        if pgdispatch.gate_kind(v_gate) collate "C" < pgdispatch.gate_kind(v_from[v_baton]) then
            select * into v_job from pgdispatch.job where id = v_givers[v_baton];
            perform pgdispatch.pass_baton(v_gate, v_job, v_from[v_baton]);
        elsif not pgdispatch.unpark(v_gate) then
            v_empty := v_empty || v_gate;
        end if;
    end loop;
    verdict := 'parked';
end
$$;

comment on function pgdispatch.pass_over(refcursor, bigint, text[], text[], text[]) is
'Parks a ready job that is paused, see park_paused; or at the first of its gates that somebody '
'holds for long, with those right behind it that have such a gate, and how many; passed: a rival '
'has it; contended: so has one its pause.';
