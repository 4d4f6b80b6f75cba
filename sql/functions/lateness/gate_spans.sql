/*
 * When which gate was closed, and why: what obstacles says of now, of a stretch of time. p_gates:
 * these only; null: all. free/NAME for a job type: a backgrounder was free. Spans of one gate and
 * kind do not overlap. Locks: none.
 */
create or replace function pgdispatch.gate_spans(
    p_from timestamptz,
    p_to timestamptz,
    p_gates text[],
    p_runs pgdispatch.run[]
)
returns table (
    gate text,
    kind text,
    reason text,
    holder bigint,
    from_at timestamptz,
    to_at timestamptz
)
language plpgsql
stable
as $$
begin
    return query
    select c.gate, c.kind, c.reason, null::bigint, c.from_at, c.to_at
    from pgdispatch.closure_spans(p_from, p_to, p_gates) as c
    union all
    select t.gate, t.kind, t.reason, null, t.from_at, t.to_at
    from pgdispatch.type_spans(p_from, p_to, p_gates) as t
    union all
    select
        d.gate, 'datasource', format('datasource busy (job %s)', d.job), d.job,
        greatest(d.started_at, p_from), least(d.ended_at, p_to)
    from (
        select pgdispatch.datasource_gate(r.site, r.datasource) as gate, r.*
        from unnest(p_runs) as r
        where r.datasource is not null
    ) as d
    where p_gates is null
        or d.gate = any (p_gates)
    union all
    select
        s.gate, 'schedule', format('serial schedule busy (job %s)', s.holder), s.holder,
        s.from_at, s.to_at
    from pgdispatch.serial_spans(p_from, p_to, p_gates, p_runs) as s
    union all
    select b.gate, 'site budget', 'site budget spent', null, b.from_at, b.to_at
    from pgdispatch.spent_spans(p_from, p_to, p_gates) as b
    union all
    select f.gate, 'site limit', format('site limit (%s)', f.most), null, f.from_at, f.to_at
    from pgdispatch.full_spans(p_from, p_to, p_gates, p_runs) as f
    union all
    select
        'free' || substr(f.gate, 5), 'not taken', 'not taken, though a backgrounder was free',
        null, f.from_at, f.to_at
    from pgdispatch.free_spans(p_from, p_to, coalesce(
        p_gates, array(select 'type/' || t.name from pgdispatch.job_type as t)
    ), p_runs) as f;
end
$$;

comment on function pgdispatch.gate_spans(timestamptz, timestamptz, text[], pgdispatch.run[]) is
'When which gate was closed between two times: a row for each span, with kind, reason and the job '
'in the way.';
