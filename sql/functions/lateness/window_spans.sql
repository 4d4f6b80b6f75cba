/*
 * When closed windows of sites and types were open. As each is defined now, its openings follow;
 * the changes that were noted lead back to how it was defined before, and to those that are no
 * more.
 * Gates as of pauses; until: when that opening was to end. p_gates: these only. Locks: none.
 */
create or replace function pgdispatch.window_spans(
    p_from timestamptz,
    p_to timestamptz,
    p_gates text[]
)
returns table (
    gate text,
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
    with recursive noted as (
        select
            c.name,
            c.changed_at,
            c.before,
            c.after,
            row_number() over (partition by c.name order by c.changed_at desc, c.id desc) as n
        from pgdispatch.change as c
        where c.kind = 'closed window'
            and c.changed_at > p_from
    ),
    defined as (
        select
            n.name,
            0::bigint as n,
            coalesce(to_jsonb(w) - '{opens_at,closes_at}'::text[], '{}') as facts,
            'infinity'::timestamptz as until
        from (
            select w.name from pgdispatch.closed_window as w
            union
            select c.name from noted as c
        ) as n
        left join pgdispatch.closed_window as w on w.name = n.name
        union all
        select
            d.name,
            c.n,
            d.facts - array(select jsonb_object_keys(c.after)) || coalesce(c.before, '{}'),
            c.changed_at
        from defined as d
        join noted as c
            on c.name = d.name
            and c.n = d.n + 1
    ),
    lasting as (  -- also what it was not there for: that ends the one before
        select
            d.facts,
            coalesce(lead(d.until) over (partition by d.name order by d.n), p_from) as since,
            least(d.until, p_to) as until
        from defined as d
    ),
    span as (
        select
            jsonb_populate_record(null::pgdispatch.closed_window, l.facts) as closed,
            l.since,
            l.until
        from lasting as l
        where l.facts ?& '{scope,target,enabled}'
    )
    select
        pgdispatch.pause_gate((s.closed).scope, (s.closed).target),
        greatest(o.opens_at, s.since),
        least(o.closes_at, s.until),
        o.closes_at
    from span as s
    cross join lateral pgdispatch.openings_within(s.closed, s.since, s.until) as o
    where s.since < s.until
        and (s.closed).scope in ('site', 'type')
        and (
            p_gates is null
            or pgdispatch.pause_gate((s.closed).scope, (s.closed).target) = any (p_gates)
        )
        and greatest(o.opens_at, s.since) < least(o.closes_at, s.until);
end
$$;

comment on function pgdispatch.window_spans(timestamptz, timestamptz, text[]) is
'When closed windows of sites and types were open between two times, by gate.';
