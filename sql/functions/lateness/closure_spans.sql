/*
 * When what was paused, or closed by a window. Where both held one gate, it is the one that was to
 * last longer, as both have to be over; the view queue says the same. Locks: none.
 */
create or replace function pgdispatch.closure_spans(
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
begin
    return query
    with held as materialized (
        select
            row_number() over () as n,
            b.*,
            tstzrange(b.from_at, b.to_at) as span
        from (
            select p.gate, 'paused' as kind, p.reason, p.from_at, p.to_at, p.until
            from pgdispatch.pause_spans(p_from, p_to, p_gates) as p
            union all
            select
                w.gate,
                'closed',
                'closed until ' || to_char(w.until, 'YYYY-MM-DD HH24:MI'),
                w.from_at,
                w.to_at,
                w.until
            from pgdispatch.window_spans(p_from, p_to, p_gates) as w
        ) as b
    )
    select h.gate, h.kind, h.reason, lower(s.span), upper(s.span)
    from held as h
    cross join lateral unnest(tstzmultirange(h.span) - coalesce((
        select range_agg(o.span)
        from held as o
        where o.gate = h.gate
            and o.span && h.span
            and (o.until, o.kind, o.n) > (h.until, h.kind, h.n)
    ), '{}')) as s (span);
end
$$;

comment on function pgdispatch.closure_spans(timestamptz, timestamptz, text[]) is
'What was paused or closed by a window between two times: one reason for each moment of a gate.';
