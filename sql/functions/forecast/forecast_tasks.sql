/*
 * The tasks as a simulation needs them, one row each. Their historical run time is given so that it
 * can slide on (usual_seconds is a mean over the last history_hours): the sum of the runs that
 * count now, and those of them that leave the window up to p_until, with their ends. How many jobs
 * have failed in a row is counted only for tasks with a failure in the last 31 days: for one that
 * failed before that and has not run since, another failure in the coming hours is the first.
 * Without nested loops and jit, for the same reasons as fire_runs.
 */
create or replace function pgdispatch.forecast_tasks(p_now timestamptz, p_until timestamptz)
returns jsonb
language sql
stable
set enable_nestloop = off
set jit = off
as $$
    with settings as materialized (
        select p_now - 3600 * pgdispatch.seconds('history_hours') as since
    ),
    usual as (
        select
            h.task,
            count(*) as runs,
            sum(pgdispatch.micros_of(h.ended_at - h.started_at)) as micros,
            jsonb_agg(
                jsonb_build_array(
                    pgdispatch.micros(h.ended_at),
                    pgdispatch.micros_of(h.ended_at - h.started_at)
                )
                order by h.ended_at
            ) filter (where h.ended_at <= (select since from settings) + (p_until - p_now))
                as leaving
        from pgdispatch.job_history as h
        join pgdispatch.task as t on t.id = h.task
        where h.outcome = 'succeeded'
            and h.ended_at > (select since from settings)
            and h.started_at >= coalesce(t.history_since, '-infinity')
        group by h.task
    ),
    failing as materialized (
        select distinct h.task
        from pgdispatch.job_history as h
        where h.outcome <> 'succeeded'
            and h.outcome = 'failed'
            and h.ended_at > p_now - interval '31 days'
    )
    select jsonb_build_object(
        'columns', jsonb_build_array(
            'id', 'site', 'type', 'schedule', 'priority', 'datasource', 'timeout', 'max_attempts',
            'enabled', 'enabled_at', 'history_since', 'since', 'is_suspended', 'failures', 'runs',
            'micros', 'leaving'
        ),
        'rows', coalesce(jsonb_agg(
            jsonb_build_array(
                t.id, t.site, t.type, t.schedule, t.priority, t.datasource,
                pgdispatch.micros_of(t.timeout), t.max_attempts, t.enabled,
                pgdispatch.micros(t.enabled_at), pgdispatch.micros(t.history_since),
                extract(epoch from greatest(t.created_at, t.enabled_at))::double precision,
                s.task is not null,
                case when f.task is not null then pgdispatch.failure_streak(t.id) else 0 end,
                coalesce(u.runs, 0), coalesce(u.micros, 0), u.leaving
            )
            order by t.id
        ), '[]')
    )
    from pgdispatch.task as t
    left join usual as u on u.task = t.id
    left join failing as f on f.task = t.id
    left join pgdispatch.suspension as s
        on s.task = t.id
        and s.streak_since is not distinct from t.streak_since
$$;

comment on function pgdispatch.forecast_tasks(timestamptz, timestamptz) is
'The tasks for forecast_input, with their historical run times and how often they failed in a row.';
