/*
 * Why waiting jobs cannot start now, whatever their place (semantics 5): one row for each gate that
 * is full or held by somebody's transaction, named as in gates, pause/… for what is paused, and
 * type/NAME for each type that no node takes. Read once for a whole queue: it depends on what runs
 * and on sites, nodes and pauses, not on what waits.
 * What is closed says until when it is: of a pause and a window the one that holds for longer.
 * Only a person ends: that no node takes a type, a pause without an end, a limit or budget of 0, a
 * prepared transaction.
 * Locks: none.
 */
create or replace function pgdispatch.obstacles(p_site text default null)
returns table (
    gate text,
    kind text,
    reason text,
    holder bigint,
    running bigint,
    room bigint,
    until timestamptz,
    needs_person boolean
)
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
            n.is_drained,
            n.closed_until,
            n.served_types,
            n.only_types,
            n.except_types
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
            r.started_at + make_interval(secs => r.usual_seconds) as until,
            o.sites is null or r.site = any (o.sites) as is_shown,
            o.sites is null or r.schedule = any (o.schedules) as is_schedule_shown
        from pgdispatch.job as r
        cross join own as o
        where r.state = 'running'
    )
    select distinct on (o.gate)  -- a gate that is held is not only full
        o.gate,
        o.kind,
        o.reason,
        o.holder,
        o.running,
        o.room,
        o.until,
        o.needs_person
    from (
        select
            'type/' || t.name as gate,
            case when d.nodes is null then 'no node' else 'paused' end as kind,
            case
                when d.closed_until is not null then format('paused until %s%s', to_char(
                    d.closed_until,
                    case
                        when d.closed_until < (pgdispatch.now()::date + 1)::timestamptz
                            then 'HH24:MI'
                        else 'YYYY-MM-DD HH24:MI'
                    end
                ), case when w.sites is null then format(' (%s closed)', d.nodes) end)
                when d.nodes is not null and w.sites is not null
                    then 'paused (its nodes are drained)'
                when d.nodes is not null
                    then format('paused (%s drained)', d.nodes)
                when t.is_built_in and t.name <> 'system' then format('no node takes %ss', t.name)
                else format('no node takes %s jobs', t.name)
            end as reason,
            null::bigint as holder,
            null::bigint as running,
            null::bigint as room,
            d.closed_until as until,
            d.closed_until is null as needs_person
        from pgdispatch.job_type as t
        cross join own as w
        cross join lateral (
            select case
                when count(*) > 3 then format('%s and %s more', min(n.name), count(*) - 1)
                else string_agg(n.name, ', ' order by n.name)
            end as nodes,
            min(n.closed_until) filter (where not n.is_drained) as closed_until
            from taker as n
            where case
                when n.closed_until is null then n.types is null or t.name = any (n.types)
                else (n.served_types is null or t.name = any (n.served_types))
                    and (n.only_types is null or t.name = any (n.only_types))
                    and (t.name = any (n.except_types)) is not true
            end
        ) as d
        where not exists (
            select
            from taker as n
            where not n.is_drained
                and (n.types is null or t.name = any (n.types))
        )
        union all
        select
            pgdispatch.datasource_gate(r.site, r.datasource),
            'datasource',
            format('datasource busy (job %s)', r.id),
            r.id,
            1,
            1,
            r.until,
            false
        from run as r
        where r.datasource is not null
            and r.is_shown
            and (p_site is null or r.site = p_site)
        union all
        select
            pgdispatch.schedule_gate(r.schedule),
            'schedule',
            format('serial schedule busy (job %s)', coalesce(
                min(r.id) filter (where r.is_shown)::text, 'of another site'
            )),
            min(r.id) filter (where r.is_shown),
            count(*),
            1,
            case when bool_and(r.is_shown and r.until is not null) then max(r.until) end,
            false
        from run as r
        join pgdispatch.schedule as s on s.name = r.schedule and s.execution = 'serial'
        where r.is_schedule_shown
        group by r.schedule
        union all
        select
            pgdispatch.site_gate(s.name),
            case when b.is_spent then 'site budget' else 'site limit' end,
            case
                when b.is_spent
                    then format('site budget spent (refill %s)', to_char(
                        b.refill_at,
                        case
                            when b.refill_at < (pgdispatch.now()::date + 1)::timestamptz
                                then 'HH24:MI'
                            else 'YYYY-MM-DD HH24:MI'
                        end
                    ))
                else format('site limit (%s of %s running)', n.running, s.running_limit)
            end,
            null,
            n.running,
            case when b.is_spent then 0 else s.running_limit end,
            case when b.is_spent then b.refill_at else n.ends[n.running - s.running_limit + 1] end,
            coalesce(0 in (s.running_limit, s.seconds_limit), false)
        from own as w
        join pgdispatch.site as s on w.sites is null or s.name = any (w.sites)
        cross join lateral (
            select
                count(*) as running,
                array_agg(r.until order by r.until) as ends
            from run as r
            where r.site = s.name
        ) as n
        cross join lateral (
            select
                a.is_spent,
                case when a.is_spent then pgdispatch.refill_at(s) end as refill_at
            from (select pgdispatch.is_budget_spent(s) as is_spent) as a
        ) as b
        where (p_site is null or s.name = p_site)
            and (s.running_limit is not null or s.seconds_limit is not null)
            and (b.is_spent or s.running_limit <= n.running)
        union all
        select
            pgdispatch.pause_gate(p.scope, p.name),
            'paused',
            format(
                'paused (%s, by %s%s%s)',
                case p.scope when 'all' then 'everything' else p.scope || ' ' || p.name end,
                p.paused_by,
                ', until ' || to_char(
                    p.until,
                    case
                        when p.until < (pgdispatch.now()::date + 1)::timestamptz then 'HH24:MI'
                        else 'YYYY-MM-DD HH24:MI'
                    end
                ),
                ': ' || left(regexp_replace(p.reason, '[[:space:]]+', ' ', 'g'), 200)
            ),
            null,
            null,
            0,
            p.until,
            p.until is null
        from pgdispatch.pause as p
        cross join own as w
        where (p.until is null or p.until > (select pgdispatch.now()))
            and (p_site is null or p.scope <> 'site' or p.name = p_site)
            and case
                when w.sites is null or p.scope in ('all', 'type') then true
                when p.scope = 'site' then p.name = any (w.sites)
                else p.name = any (w.schedules)
            end
        union all
        select
            pgdispatch.pause_gate(c.scope, c.target),
            'closed',
            'closed until ' || to_char(
                c.closes_at,
                case
                    when c.closes_at < (pgdispatch.now()::date + 1)::timestamptz then 'HH24:MI'
                    else 'YYYY-MM-DD HH24:MI'
                end
            ),
            null,
            null,
            0,
            c.closes_at,
            false
        from pgdispatch.closed_window as c
        cross join own as w
        where c.scope in ('site', 'type')
            and c.opens_at <= (select pgdispatch.now())
            and c.closes_at > (select pgdispatch.now())
            and (p_site is null or c.scope <> 'site' or c.target = p_site)
            and (w.sites is null or c.scope = 'type' or c.target = any (w.sites))
        union all
        select
            n.gate,
            'held',
            format(
                '%s held (%s)',
                case pgdispatch.gate_kind(n.gate)
                    when 'schedule' then 'serial schedule'
                    else pgdispatch.gate_kind(n.gate)
                end,
                case when w.sites is null then h.whose else 'somebody''s transaction' end
            ),
            null,
            null,
            null,
            null,
            h.gid is not null
        from own as w
        cross join pgdispatch.gate_notice as n
        cross join lateral pgdispatch.gate_holder(n.gate) as h
        where h.whose is not null
            and case
                when w.sites is null then true
                when pgdispatch.gate_kind(n.gate) = 'pause' then false
                when pgdispatch.gate_kind(n.gate) = 'schedule'
                    then pgdispatch.gate_owner(n.gate) = any (w.schedules)
                else pgdispatch.gate_owner(n.gate) = any (w.sites)
            end
    ) as o
    order by
        o.gate,
        o.kind = 'held' desc,
        o.until desc nulls first,  -- a pause and a closed window: both must be over
        o.kind desc
$$;

comment on function pgdispatch.obstacles(text) is
'Why waiting jobs cannot start now: a row for each gate that is full, or whose lock somebody''s '
'transaction holds, each pause, what a closed window holds, and each type that no node takes '
'(type/NAME). kind: datasource, schedule, site limit, site budget, held, no node, paused or '
'closed; reason: that in words; holder: the job in the way, where it is one; running and room: how '
'many run there, and may; until: when it has room again if what runs takes its usual time, or the '
'refill, or when the pause or window ends; null: not known; needs_person: it does not end unless '
'somebody does something. With p_site only the datasources, the limit, the pause and the window of '
'that site. Confined callers get what concerns their sites, the schedules that they see, and '
'types.';
