/*
 * The nodes that are alive as a simulation needs them. `types` are those that they take while no
 * window closes them; `closings`: when one does, from drain_before before it opens, as pairs.
 */
create or replace function pgdispatch.forecast_nodes(p_now timestamptz, p_until timestamptz)
returns jsonb
language sql
stable
as $$
    select coalesce(jsonb_agg(
        jsonb_build_object(
            'name', n.name,
            'backgrounders', n.backgrounders,
            'types', case
                when n.closed_until is null then n.types
                when coalesce(n.served_types, n.only_types, n.except_types) is not null then array(
                    select t.name
                    from pgdispatch.job_type as t
                    where (n.served_types is null or t.name = any (n.served_types))
                        and (n.only_types is null or t.name = any (n.only_types))
                        and (n.except_types is null or t.name <> all (n.except_types))
                    order by t.name
                )
            end,
            'is_drained', n.is_drained,
            'drain_ends_at', pgdispatch.micros(n.drain_ends_at),
            'closings', (
                select coalesce(jsonb_agg(
                    jsonb_build_array(
                        pgdispatch.micros(o.opens_at - coalesce(w.drain_before, '0')),
                        pgdispatch.micros(o.closes_at)
                    )
                    order by o.opens_at
                ), '[]')
                from pgdispatch.closed_window as w
                cross join lateral pgdispatch.openings_within(
                    w, p_now, p_until + coalesce(w.drain_before, '0')
                ) as o
                where w.scope = 'node'
                    and w.target = n.name
            )
        )
        order by n.name collate "C"
    ), '[]')
    from pgdispatch.node as n
    where n.heartbeat_at > p_now - pgdispatch.seconds('lease_seconds')
$$;

comment on function pgdispatch.forecast_nodes(timestamptz, timestamptz) is
'The nodes that are alive for forecast_input, with what they take and when windows close them.';
