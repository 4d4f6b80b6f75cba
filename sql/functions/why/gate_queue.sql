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
            w.*,
            case
                when w.pause_gate is not null then w.pause_gate
                when v_obstacles ? w.datasource_gate then w.datasource_gate
                when v_obstacles ? w.schedule_gate then w.schedule_gate
                else w.site_gate
            end as gate
        from (
            select
                j.site, j.type, j.state, j.gate as parked_at, precedence, priority, queued_at,
                type_rank, tie_first, tie_second, j.id,
                pgdispatch.datasource_gate(j.site, j.datasource) as datasource_gate,
                pgdispatch.schedule_gate(j.schedule) as schedule_gate,
                pgdispatch.site_gate(j.site) as site_gate,
                pgdispatch.pause_of(j.site, j.type, j.schedule, v_paused) as pause_gate
            from pgdispatch.job as j
            where j.backgrounder is null
            order by precedence, priority, queued_at, type_rank, tie_first, tie_second, id
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
    )
    select
        o.gate,
        least(count(w.id), 1001),
        (array_agg(w.id order by
            precedence, priority, queued_at, type_rank, tie_first, tie_second, w.id
        ))[1]
    from jsonb_object_keys(v_obstacles) as o (gate)
    left join lateral (
        select p.*
        from (
            select j.site, precedence, priority, queued_at, type_rank, tie_first, tie_second, j.id
            from pgdispatch.job as j
            where j.state = 'parked'
                and j.gate = o.gate
            order by precedence, priority, queued_at, type_rank, tie_first, tie_second, id
            limit case when v_sites is null then 1001 else 10000 end
        ) as p
        where v_sites is null
            or p.site = any (v_sites)
        union all
        select a.site, a.precedence, a.priority, a.queued_at, a.type_rank, a.tie_first,
            a.tie_second, a.id
        from ahead as a
        where a.gate = o.gate
    ) as w on true
    where o.gate not like 'type/%'
    group by o.gate;
end
$$;

comment on function pgdispatch.gate_queue() is
'For each gate that is full or held: how many wait there, counted to 1001, and the best of them. '
'They are parked there, or among the first 1000 of the queue, and ready, and no claim has come to '
'them yet. Confined callers get those of their sites, looked for among 10,000 jobs of all.';
