/*
 * When the budgets of sites were spent, by what had run and ended since the refill (semantics 5.5).
 * p_gates: of these sites only. It reads a day more than it is asked about. Locks: none.
 */
create or replace function pgdispatch.spent_spans(
    p_from timestamptz,
    p_to timestamptz,
    p_gates text[]
)
returns table (
    gate text,
    from_at timestamptz,
    to_at timestamptz
)
language plpgsql
stable
rows 50
as $$
declare
    v_sites constant text[] := array(
        select s.name
        from pgdispatch.site as s
        where p_gates is null or pgdispatch.site_gate(s.name) = any (p_gates)
    );
    v_since timestamptz;
begin
    select min(d.refilled_at) into v_since from pgdispatch.budget_days(p_from, p_to, v_sites) as d;
    if v_since is null then
        return;
    end if;
    return query
    with day as materialized (
        select row_number() over () as n, d.*
        from pgdispatch.budget_days(p_from, p_to, v_sites) as d
    ),
    point as (
        select d.n, d.from_at as at, 0::numeric as seconds
        from day as d
        union all
        select
            d.n,
            greatest(r.ended_at, d.from_at),
            greatest(extract(epoch from r.ended_at - r.started_at), 0)
        from pgdispatch.runs_between(v_since, p_to) as r
        join day as d
            on d.site = r.site
            and r.started_at >= d.refilled_at
            and r.ended_at < d.to_at
            and (r.is_last or r.ended_at > d.charged_since)
    ),
    step as (
        select
            p.n,
            p.at,
            sum(sum(p.seconds)) over in_time as spent,
            lead(p.at) over in_time as until
        from point as p
        group by p.n, p.at
        window in_time as (partition by p.n order by p.at)
    )
    select
        pgdispatch.site_gate(d.site),
        s.at,
        coalesce(s.until, d.to_at)
    from step as s
    join day as d on d.n = s.n
    where s.spent >= d.most;
end
$$;

comment on function pgdispatch.spent_spans(timestamptz, timestamptz, text[]) is
'When the budgets of sites were spent between two times.';
