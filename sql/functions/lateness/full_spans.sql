/*
 * When sites ran as many jobs as they were allowed to. p_gates: of these sites only. Locks: none.
 */
create or replace function pgdispatch.full_spans(
    p_from timestamptz,
    p_to timestamptz,
    p_gates text[],
    p_runs pgdispatch.run[]
)
returns table (
    gate text,
    most integer,
    from_at timestamptz,
    to_at timestamptz
)
language plpgsql
stable
rows 100
as $$
declare
    v_sites constant text[] := array(
        select s.name
        from pgdispatch.site as s
        where p_gates is null or pgdispatch.site_gate(s.name) = any (p_gates)
    );
begin
    return query
    with bound as materialized (
        select b.site, b.most, b.from_at, b.to_at
        from pgdispatch.limit_spans('max_running_jobs', v_sites, p_from, p_to) as b
        where b.most is not null
    ),
    point as (
        select r.site, p.at, p.change
        from unnest(p_runs) as r
        cross join lateral (
            values
                (greatest(r.started_at, p_from), 1),
                (least(r.ended_at, p_to), -1)
        ) as p (at, change)
        where exists (select from bound)
            and r.site in (select b.site from bound as b)
        union all
        select b.site, p.at, 0
        from bound as b
        cross join lateral (values (b.from_at), (b.to_at)) as p (at)
    ),
    step as (
        select
            p.site,
            p.at,
            sum(sum(p.change)) over in_time as running,
            lead(p.at) over in_time as until
        from point as p
        group by p.site, p.at
        window in_time as (partition by p.site order by p.at)
    )
    select
        pgdispatch.site_gate(s.site),
        b.most,
        s.at,
        s.until
    from step as s
    join bound as b
        on b.site = s.site
        and b.from_at <= s.at
        and b.to_at > s.at
    where s.running >= b.most
        and s.until is not null;
end
$$;

comment on function pgdispatch.full_spans(timestamptz, timestamptz, text[], pgdispatch.run[]) is
'When sites were at their limit of running jobs between two times.';
