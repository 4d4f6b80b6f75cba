/*
 * Who was in the way where many run side by side (pool_runs): of each moment of a span each of
 * the n that ran there gets one n-th, and nobody what passed while none did. The n-th span is in
 * the n-th place of the three lists. In microseconds, rounded.
 *
 * The naive way cuts each span at each start and end. Instead each is how much one that ran all
 * the time would have got by then, the integral of 1/n: a part is a difference of it. Which runs
 * meet which spans is looked up by slices of time.
 */
create or replace function pgdispatch.shared_blame(
    p_from timestamptz,
    p_to timestamptz,
    p_pools text[],
    p_froms timestamptz[],
    p_tos timestamptz[],
    p_runs pgdispatch.run[]
)
returns table (
    n bigint,
    behind_job bigint,
    micros bigint
)
language plpgsql
stable
as $$
declare
    v_slice constant double precision := greatest(300, extract(epoch from p_to - p_from) / 500);
begin
    return query
    with span as materialized (
        select u.n, u.pool, u.from_at, u.to_at
        from unnest(p_pools, p_froms, p_tos) with ordinality as u (pool, from_at, to_at, n)
    ),
    run as materialized (
        select r.*
        from pgdispatch.pool_runs(
            p_from, p_to, array(select distinct p.pool from unnest(p_pools) as p (pool)),
            p_runs
        ) as r
    ),
    portion as materialized (
        select
            m.pool,
            m.at,
            1000000 * coalesce(sum(m.seconds / nullif(m.running, 0)) over before_it, 0) as each,
            1000000 * coalesce(sum(m.seconds) filter (where m.running > 0) over before_it, 0)
                as busy
        from (
            select
                p.pool,
                p.at,
                sum(sum(p.change)) over in_time as running,
                extract(epoch from lead(p.at) over in_time - p.at)::double precision as seconds
            from (
                select r.gate as pool, e.at, e.change
                from run as r
                cross join lateral (values (r.from_at, 1), (r.to_at, -1)) as e (at, change)
                union all
                select s.pool, e.at, 0
                from span as s
                cross join lateral (values (s.from_at), (s.to_at)) as e (at)
               
            ) as p
            group by p.pool, p.at
            window in_time as (partition by p.pool order by p.at)
        ) as m
        window before_it as (
            partition by m.pool order by m.at rows between unbounded preceding and 1 preceding
        )
    ),
    shared as materialized (
        select
            s.n, s.pool, s.from_at, s.to_at, f.each as since, t.each as until,
            t.busy - f.busy as busy
        from span as s
        join portion as f on f.pool = s.pool and f.at = s.from_at
        join portion as t on t.pool = s.pool and t.at = s.to_at
    ),
    run_slice as materialized (
        select
            r.gate as pool, r.job, r.from_at, r.to_at, f.each as since, t.each as until,
            floor(extract(epoch from r.from_at - p_from) / v_slice)::integer + i as slice,
            i = 0 as is_first
        from run as r
        join portion as f on f.pool = r.gate and f.at = r.from_at
        join portion as t on t.pool = r.gate and t.at = r.to_at
        cross join lateral generate_series(
            0,
            floor(extract(epoch from r.to_at - p_from) / v_slice)::integer
                - floor(extract(epoch from r.from_at - p_from) / v_slice)::integer
        ) as i
    ),
    span_slice as materialized (
        select
            s.*,
            floor(extract(epoch from s.from_at - p_from) / v_slice)::integer + i as slice,
            i = 0 as is_first
        from shared as s
        cross join lateral generate_series(
            0,
            floor(extract(epoch from s.to_at - p_from) / v_slice)::integer
                - floor(extract(epoch from s.from_at - p_from) / v_slice)::integer
        ) as i
    ),
    part as (
        select
            s.n,
            r.job as behind_job,
            round(sum(least(r.until, s.until) - greatest(r.since, s.since)))::bigint as micros
        from run_slice as r
        join span_slice as s
            on s.pool = r.pool
            and s.slice = r.slice
            and s.from_at < r.to_at
            and s.to_at > r.from_at
            and (r.is_first or s.is_first)  -- the first slice in which both are
        group by s.n, r.job
        union all
        select
            s.n,
            null,
            round(extract(epoch from s.to_at - s.from_at) * 1000000 - s.busy::numeric)::bigint
        from shared as s
    )
    select p.n, p.behind_job, p.micros from part as p;
end
$$;

comment on function pgdispatch.shared_blame(
    timestamptz, timestamptz, text[], timestamptz[], timestamptz[], pgdispatch.run[]
) is
'Who ran while spans of waiting went by at a limit or for want of a backgrounder, and for how many '
'microseconds each was in the way; null: nobody was.';
