/*
 * When no node took a job type: none at all (no node), or only such as were drained (paused).
 * p_gates: of these types only, as type/NAME. Locks: none.
 */
create or replace function pgdispatch.type_spans(
    p_from timestamptz,
    p_to timestamptz,
    p_gates text[]
)
returns table (
    gate text,
    kind text,
    reason text,
    from_at timestamptz,
    to_at timestamptz
)
language plpgsql
stable
rows 50
as $$
declare
    v_is_confined constant boolean := pgdispatch.caller_sites() is not null;
begin
    return query
    with taken as (
        select
            t.name,
            coalesce(range_agg(s.span) filter (where not s.is_drained), '{}') as open,
            coalesce(range_agg(s.span) filter (where s.is_drained), '{}') as drained,
            min(s.node) filter (where s.is_drained) as first_drained,
            count(distinct s.node) filter (where s.is_drained) as all_drained
        from pgdispatch.job_type as t
        left join (
            select n.*, tstzrange(n.from_at, n.to_at) as span
            from pgdispatch.node_spans(p_from, p_to) as n
        ) as s on s.types is null or t.name = any (s.types)
        where p_gates is null
            or 'type/' || t.name = any (p_gates)
        group by t.name
    )
    select
        'type/' || t.name,
        k.kind,
        k.reason,
        lower(r.span),
        upper(r.span)
    from taken as t
    cross join lateral (
        values
            ('no node', format('no node takes %s jobs', t.name),
                tstzmultirange(tstzrange(p_from, p_to)) - t.open - t.drained),
            ('paused', case
                when v_is_confined then 'paused (its nodes are drained or closed)'
                else format('paused (%s%s drained or closed)', t.first_drained,
                    ' and ' || nullif(t.all_drained - 1, 0) || ' more')
            end, t.drained - t.open)
    ) as k (kind, reason, spans)
    cross join lateral unnest(k.spans) as r (span);
end
$$;

comment on function pgdispatch.type_spans(timestamptz, timestamptz, text[]) is
'When no node took a job type between two times, or only drained ones.';
