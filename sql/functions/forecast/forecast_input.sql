/*
 * All that decides what starts when in the coming hours, but for how long jobs run and what people
 * do: the queue, sites, nodes, schedules with their coming times, pauses and tasks, as one document
 * that any program may simulate dispatch with. It is as of one snapshot.
 *
 * Instants are microseconds since 1970 (UTC), spans microseconds. Lists of many are given as
 * `columns` and `rows`. Its form is in sql/README.md.
 * Locks: none.
 */
create or replace function pgdispatch.forecast_input(p_hours double precision default 12)
returns jsonb
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := pgdispatch.now();
    v_until timestamptz;
begin
    perform pgdispatch.refuse_confined('read what decides for all sites what starts next');
    if p_hours is null or p_hours not between 0 and 192 then
        perform pgdispatch.refuse(
            format('cannot look %s hours ahead', coalesce(p_hours::text, 'null')),
            'look 0 to 192 hours ahead; what lies beyond depends on what people do'
        );
    end if;
    v_until := v_now + p_hours * interval '1 hour';
    return jsonb_build_object(
        'version', 1,
        'made_at', pgdispatch.micros(v_now),
        'until', pgdispatch.micros(v_until),
        'settings', jsonb_build_object(
            'tie_break', pgdispatch.setting('tie_break'),
            'batch_seconds', pgdispatch.setting('batch_seconds')::integer,
            'history_hours', pgdispatch.setting('history_hours')::integer,
            'max_losses', pgdispatch.setting('max_losses')::integer,
            'overrun_grace_seconds', pgdispatch.setting('overrun_grace_seconds')::integer,
            'suspend_after_failures', pgdispatch.setting('suspend_after_failures')::integer,
            'retry_base_seconds', pgdispatch.setting('retry_base_seconds')::integer,
            'retry_max_seconds', pgdispatch.setting('retry_max_seconds')::integer
        ),
        'types', (
            select jsonb_agg(
                jsonb_build_object(
                    'name', name,
                    'rank', rank,
                    'timeout', pgdispatch.micros_of(timeout),
                    'max_attempts', max_attempts,
                    'priority_from', priority_from,
                    'default_priority', default_priority,
                    'run_now_first', run_now_first
                )
                order by rank, name
            )
            from pgdispatch.job_type
        ),
        'sites', pgdispatch.forecast_sites(v_now, v_until),
        'nodes', pgdispatch.forecast_nodes(v_now, v_until),
        'pauses', (
            select coalesce(jsonb_agg(
                jsonb_build_object(
                    'scope', p.scope,
                    'name', p.name,
                    'from', pgdispatch.micros(p.begins),
                    'until', pgdispatch.micros(p.until)
                )
                order by p.scope, p.name, p.begins
            ), '[]')
            from (
                select scope, name, v_now as begins, until
                from pgdispatch.pause
                where until is null
                    or until > v_now
                union all
                select w.scope, w.target, greatest(o.opens_at, v_now), o.closes_at
                from pgdispatch.closed_window as w
                cross join lateral pgdispatch.openings_within(w, v_now, v_until) as o
                where w.scope in ('site', 'type')
            ) as p
        ),
        'schedules', pgdispatch.forecast_schedules(v_now, v_until),
        'tasks', pgdispatch.forecast_tasks(
            v_now, v_until, 3600 * pgdispatch.seconds('history_hours')
        ),
        'linked_tasks', (
            select coalesce(jsonb_agg(
                jsonb_build_object(
                    'id', t.id,
                    'site', t.site,
                    'schedule', t.schedule,
                    'priority', t.priority,
                    'enabled', t.enabled,
                    'enabled_at', pgdispatch.micros(t.enabled_at),
                    'steps', (
                        select coalesce(jsonb_agg(
                            jsonb_build_array(s.step, s.task, s.stop_on_failure) order by s.step
                        ), '[]')
                        from pgdispatch.linked_task_step as s
                        where s.linked_task = t.id
                    )
                )
                order by t.id
            ), '[]')
            from pgdispatch.linked_task as t
        ),
        'served', pgdispatch.forecast_served(v_now),
        'jobs', pgdispatch.forecast_jobs(v_now)
    );
end
$$;

comment on function pgdispatch.forecast_input(double precision) is
'All that decides what starts in the coming hours (0 to 192) but how long jobs run and what people '
'do, as of one snapshot: settings, types, sites, nodes that are alive, pauses, schedules with '
'their coming times, tasks with their historical run times, linked tasks and the queue. Instants '
'are microseconds since 1970; long lists are given as columns and rows. Reads only, takes no lock. '
'JD001: other hours; JD009: you are confined to sites.';
