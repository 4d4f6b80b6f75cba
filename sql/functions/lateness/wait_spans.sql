/*
 * Why jobs waited, span by span: each moment has one reason, the first that held, in the order in
 * which the view queue names them. Spans of a job do not overlap and leave nothing out.
 *
 * The naive way asks every gate about every moment of every job. Instead all spans in which a gate
 * was closed are one value (a multirange); from what each gate covers of a wait, what those before
 * it cover is taken away, and what none covers is the wait for a backgrounder.
 */
create or replace function pgdispatch.wait_spans(
    p_from timestamptz,
    p_to timestamptz,
    p_job bigint,
    p_sites text[],
    p_gates text[],
    p_runs pgdispatch.run[]
)
returns table (
    job bigint,
    site text,
    type text,
    schedule text,
    task bigint,
    from_at timestamptz,
    to_at timestamptz,
    kind text,
    reason text,
    holder bigint
)
language plpgsql
stable
as $$
begin
    return query
    with late as materialized (
        select l.*, row_number() over () as n, tstzrange(l.from_at, l.to_at) as span
        from pgdispatch.late_spans(p_from, p_to, p_job, p_sites) as l
    ),
    closed as materialized (
        select g.*, tstzrange(g.from_at, g.to_at) as span
        from pgdispatch.gate_spans(p_from, p_to, p_gates, p_runs) as g
    ),
    gate as materialized (
        select
            c.gate,
            c.kind,
            case when c.holder is null then c.reason end as reason,
            range_agg(c.span) as spans
        from closed as c
        group by 1, 2, 3
    ),
    hit as materialized (
        select
            l.n,
            g.gate,
            g.kind,
            g.reason,
            g.spans * tstzmultirange(l.span) as spans,
            r.rank
        from late as l
        cross join lateral (
            values
                (1, 'pause/all'), (2, 'pause/site/' || l.site), (3, 'pause/type/' || l.type),
                (4, 'pause/schedule/' || l.schedule), (5, 'type/' || l.type),
                (6, 'datasource/' || l.site || '/' || l.datasource),
                (7, 'schedule/' || l.schedule), (8, 'site/' || l.site), (9, 'free/' || l.type)
        ) as r (rank, gate)
        join gate as g
            on g.gate = r.gate
            and g.spans && l.span
        where l.kind is null
    ),
    own as (
        select
            h.*,
            h.spans - coalesce(range_agg(h.spans) over (
                partition by h.n order by h.rank, h.kind, h.reason
                rows between unbounded preceding and 1 preceding
            ), '{}') as left_over
        from hit as h
    ),
    told as (
        select l.n, l.span, l.kind, l.reason, null::bigint as holder
        from late as l
        where l.kind is not null
        union all
        select
            o.n,
            s.span * coalesce(c.span, s.span),
            o.kind,
            coalesce(o.reason, c.reason),
            c.holder
        from own as o
        cross join lateral unnest(o.left_over) as s (span)
        left join closed as c
            on o.reason is null
            and c.gate = o.gate
            and c.kind = o.kind
            and c.span && s.span
        union all
        select l.n, s.span, 'no backgrounder', 'no backgrounder was free', null
        from late as l
        left join (
            select h.n, range_agg(h.spans) as spans from hit as h group by h.n
        ) as h on h.n = l.n
        cross join lateral unnest(tstzmultirange(l.span) - coalesce(h.spans, '{}')) as s (span)
        where l.kind is null
    )
    select
        l.job, l.site, l.type, l.schedule, l.task, lower(t.span), upper(t.span), t.kind, t.reason,
        t.holder
    from told as t
    join late as l on l.n = t.n;
end
$$;

comment on function pgdispatch.wait_spans(
    timestamptz, timestamptz, bigint, text[], text[], pgdispatch.run[]
) is
'Why jobs waited between two times, of some sites, or one job: a row for each span, with what was '
'in the way. p_gates: the gates that can matter; null: all.';
