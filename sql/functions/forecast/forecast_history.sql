/*
 * What the draws of a forecast need of the past, summed up: one row a task. Times in seconds.
 *
 * A run's level is its time against its task's median. The level of a half day is the median of its
 * runs': nights differ as wholes, as the source was slow or the month ends. It is taken out of the
 * run times, and its spread is told apart, so that it can be drawn for all jobs of a run at once.
 *
 * tasks: [task, type, median, times (the last 40 successes without their half days' level, newest
 * first), successes, failed attempts]. A task that had fewer than 8 successes in the days looked at
 * is looked up back to 60 days. types: [type, 21 quantiles of the levels of its runs (0, 5 … 100
 * %), median, successes, failed attempts]. halves: [level, runs], newest first. recent: how many
 * ended in the last 2.5 hours, the median of their levels. days: see forecast_arrivals.
 *
 * Of the last ten days the newest 100,000 ends are looked at. Locks: none.
 */
create or replace function pgdispatch.forecast_history(p_hours double precision default 12)
returns jsonb
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
set jit = off
set work_mem = '32MB'
as $$
declare
    v_now constant timestamptz := pgdispatch.now();
    v_steps constant double precision[] := array(select g / 20.0 from generate_series(0, 20) as g);
    v_since constant timestamptz := v_now - interval '10 days';
begin
    perform pgdispatch.refuse_confined('read the run times of all sites');
    return (
        with ended as materialized (
            select
                h.task,
                h.type,
                h.ended_at,
                floor(extract(epoch from h.ended_at) / 43200) as half,
                greatest(extract(epoch from h.ended_at - h.started_at), 0.001)::double precision
                    as seconds,
                h.outcome = 'succeeded' and h.started_at >= coalesce(t.history_since, '-infinity')
                    as is_success,
                h.failures
            from (
                select e.task, e.type, e.ended_at, e.started_at, e.outcome, e.failures
                from pgdispatch.job_history as e
                where e.ended_at > v_since
                    and e.ended_at <= v_now
                    and e.task is not null
                    and e.started_at is not null
                order by e.ended_at desc
                limit 100000
            ) as h
            join pgdispatch.task as t on t.id = h.task
        ),
        placed as (
            select
                e.*,
                row_number() over (partition by e.task order by e.ended_at desc) as n
            from ended as e
            where e.is_success
        ),
        typical as materialized (
            select
                p.task,
                percentile_cont(0.5) within group (order by p.seconds) as median,
                count(*) as runs
            from placed as p
            where p.n <= 40
            group by p.task
        ),
        levelled as materialized (
            select
                p.task,
                p.type,
                p.ended_at,
                p.half,
                p.n,
                p.seconds,
                ln(p.seconds / m.median) as level
            from placed as p
            join typical as m on m.task = p.task
        ),
        half as materialized (
            select
                l.half,
                percentile_cont(0.5) within group (order by l.level) as level,
                count(*) as runs
            from levelled as l
            group by l.half
            having count(*) >= 8
        ),
        own as (
            select
                l.task,
                array_agg((l.seconds / exp(coalesce(h.level, 0)))::real order by l.n) as times
            from levelled as l
            left join half as h on h.half = l.half
            where l.n <= 40
            group by l.task
        ),
        failed as (
            select
                e.task,
                count(*) filter (where e.is_success) as successes,
                sum(e.failures) as failures
            from ended as e
            group by e.task
        ),
        pooled as (
            select
                l.type,
                percentile_cont(v_steps) within group (
                    order by l.level - coalesce(h.level, 0)
                ) as levels,
                percentile_cont(0.5) within group (order by l.seconds) as median
            from levelled as l
            left join half as h on h.half = l.half
            group by l.type
        )
        select jsonb_build_object(
            'tasks', coalesce((
                select jsonb_agg(jsonb_build_array(
                    t.id,
                    t.type,
                    coalesce(m.median, r.median),
                    coalesce(r.times, o.times),
                    f.successes,
                    f.failures
                ))
                from pgdispatch.task as t
                left join typical as m on m.task = t.id
                left join own as o on o.task = t.id
                left join failed as f on f.task = t.id
                cross join lateral pgdispatch.rare_times(
                    case when coalesce(m.runs, 0) < 8 then t.id end, t.history_since, v_now
                ) as r
            ), '[]'),
            'types', coalesce((
                select jsonb_agg(jsonb_build_array(
                    e.type, p.levels, p.median, e.successes, e.failures
                ))
                from (
                    select
                        type,
                        count(*) filter (where is_success) as successes,
                        sum(failures) as failures
                    from ended
                    group by type
                ) as e
                left join pooled as p on p.type = e.type
            ), '[]'),
            'halves', coalesce((
                select jsonb_agg(jsonb_build_array(h.level, h.runs) order by h.half desc)
                from half as h
            ), '[]'),
            'recent', (
                select jsonb_build_array(
                    count(*), percentile_cont(0.5) within group (order by l.level)
                )
                from levelled as l
                where l.ended_at > v_now - interval '150 minutes'
            ),
            'days', pgdispatch.forecast_arrivals(v_now, p_hours)
        )
    );
end
$$;

comment on function pgdispatch.forecast_history(double precision) is
'What a forecast needs of the past, one row a task: run times, failures, how whole half days '
'differed, what has ended lately, and which jobs nobody had scheduled came on each of the last '
'seven days. For those who are not confined to sites (JD009).';
