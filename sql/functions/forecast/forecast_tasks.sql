/*
 * The tasks as a simulation needs them, one row each, with the historical run time that slides.
 * How many jobs have failed in a row is counted only where the last failure is of the last 31 days
 * and no success came after it: of a task that has not run for so long, another failure in the
 * coming hours is the first.
 * Without nested loops and jit, for the same reasons as fire_runs.
 */
create or replace function pgdispatch.forecast_tasks(
    p_now timestamptz,
    p_until timestamptz,
    p_history interval
)
returns jsonb
language sql
stable
set enable_nestloop = off
set jit = off
as $$
    with failing as (
        select
            h.task,
            max(h.ended_at) as last_at
        from pgdispatch.job_history as h
        where h.outcome <> 'succeeded'
            and h.outcome = 'failed'
            and h.ended_at > p_now - interval '31 days'
        group by h.task
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
                case
                    when f.last_at > coalesce(u.last_at, '-infinity')
                        then pgdispatch.failure_streak(t.id)
                    else 0
                end,
                coalesce(u.runs, 0), coalesce(u.micros, 0), u.leaving
            )
        ), '[]')
    )
    from pgdispatch.task as t
    left join pgdispatch.forecast_usual(p_now - p_history, p_until - p_history) as u
        on u.task = t.id
    left join failing as f on f.task = t.id
    left join pgdispatch.suspension as s
        on s.task = t.id
        and s.streak_since is not distinct from t.streak_since
$$;

comment on function pgdispatch.forecast_tasks(timestamptz, timestamptz, interval) is
'The tasks for forecast_input, with their historical run times and how often they failed in a row.';
