/*
 * The jobs that wait or run as a simulation needs them, one row each. `node` is null for a running
 * one that nobody holds any more: the next look for lost nodes takes it back. An infinite place
 * (no history) is null, as JSON has no infinity.
 */
create or replace function pgdispatch.forecast_jobs(p_now timestamptz)
returns jsonb
language sql
stable
set jit = off
as $$
    select jsonb_build_object(
        'columns', jsonb_build_array(
            'id', 'type', 'site', 'datasource', 'schedule', 'task', 'linked_task', 'step',
            'scheduled_at', 'run_now', 'created_at', 'precedence', 'priority', 'queued_at',
            'type_rank', 'tie_first', 'tie_second', 'not_before', 'timeout', 'max_attempts',
            'attempt', 'failures', 'losses', 'is_cancelled', 'is_running', 'started_at', 'node',
            'first_started_at'
        ),
        'rows', coalesce(jsonb_agg(
            jsonb_build_array(
                j.id, j.type, j.site, j.datasource, j.schedule, j.task, r.linked_task, j.step,
                pgdispatch.micros(coalesce(j.scheduled_at, r.scheduled_at)), j.run_now,
                pgdispatch.micros(j.created_at), j.precedence, j.priority,
                pgdispatch.micros(j.queued_at), j.type_rank, nullif(j.tie_first, 'infinity'),
                nullif(j.tie_second, 'infinity'),
                case when j.state = 'delayed' then pgdispatch.micros(j.not_before) end,
                pgdispatch.micros_of(j.timeout), j.max_attempts, j.attempt, j.failures, j.losses,
                j.cancel_requested_at is not null, j.state = 'running',
                case when isfinite(j.started_at) then pgdispatch.micros(j.started_at) end,
                n.name,
                case
                    when j.attempt > (j.state = 'running')::integer then (
                        select min(pgdispatch.micros(a.started_at))
                        from pgdispatch.attempt as a
                        where a.job = j.id
                    )
                end
            )
        ), '[]')
    )
    from pgdispatch.job as j
    left join pgdispatch.linked_run as r on r.id = j.linked_run
    left join pgdispatch.node as n
        on n.name = j.node
        and n.heartbeat_at > p_now - pgdispatch.seconds('lease_seconds')
        and n.incarnation is not distinct from coalesce(j.incarnation, n.incarnation)
$$;

comment on function pgdispatch.forecast_jobs(timestamptz) is
'The jobs that wait or run for forecast_input.';
