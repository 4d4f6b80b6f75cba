/*
 * Who waits at the gates that are full: those who are parked there, and those among the first
 * thousand of the queue who will be as soon as a claim comes to them. For whoever is confined the
 * jobs of its sites among 10,000 of all. Locks: none.
 */
create or replace function pgdispatch.gate_queue()
returns table (
    gate text,
    waiting bigint,
    best bigint
)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_bitmapscan = off
set jit = off
as $$
declare
    v_sites constant text[] := pgdispatch.caller_sites();
    v_obstacles constant jsonb := pgdispatch.obstacles_by_gate();
    v_paused constant text[] := array(
        select k from jsonb_object_keys(v_obstacles) as k where k like 'pause/%'
    );
begin
    return query
    with ahead as materialized (
        select
            n.id,
            n.place,
            case
                when n.pause_gate is not null then n.pause_gate
                when v_obstacles ? n.datasource_gate then n.datasource_gate
                when v_obstacles ? n.schedule_gate then n.schedule_gate
                else n.site_gate
            end as gate
        from (
            select
                w.id,
                w.place,
                pgdispatch.datasource_gate(w.site, w.datasource) as datasource_gate,
                pgdispatch.schedule_gate(w.schedule) as schedule_gate,
                pgdispatch.site_gate(w.site) as site_gate,
                w.pause_gate
            from (
                select
                    j.id, j.site, j.type, j.state, j.datasource, j.schedule, j.gate as parked_at,
                    case
                        when v_paused <> '{}'
                            then pgdispatch.pause_of(j.site, j.type, j.schedule, v_paused)
                    end as pause_gate,
                    row_number() over in_order as place
                from pgdispatch.job as j
                where j.backgrounder is null
                window in_order as (
                    order by precedence, priority, queued_at, type_rank, tie_first, tie_second, id
                )
                limit case when v_sites is null then 1000 else 10000 end
            ) as w
            where (
                w.state = 'ready'
                or w.state = 'parked' and w.parked_at <> w.pause_gate  -- was paused afterwards
            )
                and (
                    w.pause_gate is not null
                    or not coalesce(v_obstacles ? ('type/' || w.type), false)
                )
                and (v_sites is null or w.site = any (v_sites))
        ) as n
    ),
    counted as materialized (
        select
            o.gate,
            p.jobs as parked,
            p.best as best_parked,
            coalesce(a.jobs, 0) as ahead,
            a.best as best_ahead
        from jsonb_object_keys(v_obstacles) as o (gate)
        cross join lateral (
            select
                o.gate like 'schedule/%'
                or o.gate like 'pause/%' and o.gate not like 'pause/site/%' as is_shared
        ) as c
        cross join lateral (
            select
                count(*) as jobs,
                (array_agg(k.id))[1] as best
            from (
                (
                    select j.id  -- in the index alone; the gate itself says whose they are
                    from pgdispatch.job as j
                    where j.state = 'parked'
                        and j.gate = o.gate
                        and (v_sites is null or not c.is_shared)
                    order by precedence, priority, queued_at, type_rank, tie_first, tie_second, id
                    limit 1001
                )
                union all
                select s.id
                from (
                    select
                        j.id,
                        j.site
                    from pgdispatch.job as j
                    where j.state = 'parked'
                        and j.gate = o.gate
                        and v_sites is not null
                        and c.is_shared
                    order by precedence, priority, queued_at, type_rank, tie_first, tie_second, id
                    limit 10000
                ) as s
                where s.site = any (v_sites)
            ) as k
        ) as p
        left join (
            select
                h.gate,
                count(*) as jobs,
                (array_agg(h.id order by h.place))[1] as best
            from ahead as h
            group by h.gate
        ) as a on a.gate = o.gate
        where o.gate not like 'type/%'
    )
    select
        c.gate,
        least(c.parked + c.ahead, 1001),
        case
            when c.best_ahead is null then c.best_parked
            else (
                select j.id
                from pgdispatch.job as j
                where j.id in (c.best_parked, c.best_ahead)
                order by precedence, priority, queued_at, type_rank, tie_first, tie_second, id
                limit 1
            )
        end
    from counted as c;
end
$$;

comment on function pgdispatch.gate_queue() is
'For each gate that is full or held: how many wait there, counted to 1001, and the best of them. '
'They are parked there, or among the first 1000 of the queue, and ready, and no claim has come to '
'them yet. Confined callers get those of their sites, looked for among 10,000 jobs of all.';
