/*
 * What was paused when, by whom and why, from what was noted; and from pause what began before the
 * first note that is kept. Gates as in gates, pause/…; p_gates: these only. Locks: none.
 */
create or replace function pgdispatch.pause_spans(
    p_from timestamptz,
    p_to timestamptz,
    p_gates text[]
)
returns table (
    gate text,
    reason text,
    from_at timestamptz,
    to_at timestamptz,
    until timestamptz
)
language plpgsql
stable
rows 50
as $$
begin
    return query
    with noted as (
        select
            c.changed_at as at,
            c.id,
            case c.kind when 'everything' then 'all' when 'job type' then 'type' else c.kind end
                as scope,
            case
                when c.kind = 'everything' then ''
                when c.what = 'rename' then c.before ->> 'name'
                else c.name
            end as name,
            c.what = 'pause' as is_pause,
            coalesce((c.after ->> 'until')::timestamptz, 'infinity') as until,
            coalesce(c.said_by, c.changed_by) as paused_by,
            c.reason
        from pgdispatch.change as c
        where c.kind in ('everything', 'site', 'job type', 'schedule')
            and c.what in ('pause', 'end pause', 'rename', 'delete')
            and c.changed_at < p_to
        union all
        select
            p.paused_at, null, p.scope, p.name, true, coalesce(p.until, 'infinity'), p.paused_by,
            p.reason
        from pgdispatch.pause as p
        where p.paused_at < p_to
    ),
    span as (
        select
            n.*,
            pgdispatch.pause_gate(n.scope, n.name) as gate,
            least(n.until, lead(n.at) over (
                partition by n.scope, n.name order by n.at, n.id nulls first
            ), p_to) as to_at
        from noted as n
    )
    select
        s.gate,
        format(
            'paused (%s, by %s%s)',
            case s.scope when 'all' then 'everything' else s.scope || ' ' || s.name end,
            s.paused_by,
            ': ' || left(regexp_replace(s.reason, '[[:space:]]+', ' ', 'g'), 200)
        ),
        greatest(s.at, p_from),
        s.to_at,
        s.until
    from span as s
    where s.is_pause
        and (p_gates is null or s.gate = any (p_gates))
        and greatest(s.at, p_from) < s.to_at;
end
$$;

comment on function pgdispatch.pause_spans(timestamptz, timestamptz, text[]) is
'What was paused between two times, and when: a row for each span, by gate.';
