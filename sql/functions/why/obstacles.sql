/*
 * Why waiting jobs cannot start now, whatever their place (semantics 5): one key for each gate that
 * is full or held by somebody's transaction, named as in gates, and type/NAME for each type that no
 * node takes. Read once for a whole queue: it depends on what runs and on sites and nodes, not on
 * what waits.
 * Locks: none.
 */
create or replace function pgdispatch.obstacles(p_site text default null)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    with own as materialized (
        select
            pgdispatch.caller_sites() as sites,
            case
                when pgdispatch.caller_sites() is not null then pgdispatch.own_schedules()
            end as schedules
    ),
    taker as (
        select
            n.name,
            n.types,
            n.is_drained
        from pgdispatch.node as n
        where n.heartbeat_at > (select pgdispatch.now()) - pgdispatch.seconds('lease_seconds')
            and n.backgrounders > 0
    ),
    run as materialized (
        select
            r.id,
            r.site,
            r.datasource,
            r.schedule,
            o.sites is null or r.site = any (o.sites) as is_shown,
            o.sites is null or r.schedule = any (o.schedules) as is_schedule_shown
        from pgdispatch.job as r
        cross join own as o
        where r.state = 'running'
    )
    select coalesce(jsonb_object_agg(o.gate, o.reason order by o.is_held), '{}')  -- the last counts
    from (
        select
            false as is_held,
            'type/' || t.name as gate,
            case
                when d.nodes is not null and w.sites is not null
                    then 'paused (its nodes are drained)'
                when d.nodes is not null
                    then format('paused (%s drained)', d.nodes)
                when t.is_built_in and t.name <> 'system' then format('no node takes %ss', t.name)
                else format('no node takes %s jobs', t.name)
            end as reason
        from pgdispatch.job_type as t
        cross join own as w
        cross join lateral (
            select case
                when count(*) > 3 then format('%s and %s more', min(n.name), count(*) - 1)
                else string_agg(n.name, ', ' order by n.name)
            end as nodes
            from taker as n
            where n.types is null
                or t.name = any (n.types)
        ) as d
        where not exists (
            select
            from taker as n
            where not n.is_drained
                and (n.types is null or t.name = any (n.types))
        )
        union all
        select
            false,
            pgdispatch.datasource_gate(r.site, r.datasource),
            format('datasource busy (job %s)', r.id)
        from run as r
        where r.datasource is not null
            and r.is_shown
            and (p_site is null or r.site = p_site)
        union all
        select
            false,
            pgdispatch.schedule_gate(r.schedule),
            format('serial schedule busy (job %s)', coalesce(
                min(r.id) filter (where r.is_shown)::text, 'of another site'
            ))
        from run as r
        join pgdispatch.schedule as s on s.name = r.schedule and s.execution = 'serial'
        where r.is_schedule_shown
        group by r.schedule
        union all
        select
            false,
            pgdispatch.site_gate(s.name),
            case
                when pgdispatch.is_budget_spent(s)
                    then format('site budget spent (refill %s)', to_char(
                        pgdispatch.refill_at(s),
                        case
                            when pgdispatch.refill_at(s) < (pgdispatch.now()::date + 1)::timestamptz
                                then 'HH24:MI'
                            else 'YYYY-MM-DD HH24:MI'
                        end
                    ))
                when s.running_limit <= n.running
                    then format('site limit (%s of %s running)', n.running, s.running_limit)
            end
        from pgdispatch.site as s
        cross join lateral (
            select count(*) as running
            from run as r
            where r.site = s.name
        ) as n
        where (p_site is null or s.name = p_site)
            and pgdispatch.may_see(s.name)
            and (s.running_limit is not null or s.seconds_limit is not null)
        union all
        select
            true,
            n.gate,
            format(
                '%s held (%s)',
                case pgdispatch.gate_kind(n.gate)
                    when 'schedule' then 'serial schedule'
                    else pgdispatch.gate_kind(n.gate)
                end,
                case when w.sites is null then h.whose else 'somebody''s transaction' end
            )
        from own as w
        cross join pgdispatch.gate_notice as n
        cross join lateral pgdispatch.gate_holder(n.gate) as h
        where h.whose is not null
            and case
                when w.sites is null then true
                when pgdispatch.gate_kind(n.gate) = 'schedule'
                    then pgdispatch.gate_owner(n.gate) = any (w.schedules)
                else pgdispatch.gate_owner(n.gate) = any (w.sites)
            end
    ) as o
    where o.reason is not null
$$;

comment on function pgdispatch.obstacles(text) is
'Why waiting jobs cannot start now: a JSON object of the gates that are full, or whose lock '
'somebody''s transaction holds, and the types that no node takes (type/NAME), each with the reason '
'in words. With p_site only the datasources and the limit of that site. Confined callers get what '
'concerns their sites, the schedules that they see, and types.';
