/*
 * The schedules as a simulation needs them: their coming times, what they are to be fired for at
 * once, by their policy for missed runs, and what they are being fired for already, part by part.
 */
create or replace function pgdispatch.forecast_schedules(p_now timestamptz, p_until timestamptz)
returns jsonb
language sql
stable
as $$
    select coalesce(jsonb_agg(
        jsonb_build_object(
            'name', s.name,
            'id', s.id,
            'priority', s.priority,
            'is_serial', s.execution = 'serial',
            'is_custom', s.is_custom,
            'runs', array(
                select pgdispatch.micros(run)
                from unnest(pgdispatch.runs_within(s, p_now, p_until)) as run
            ),
            'firing', case
                when s.firing_for is not null then jsonb_build_object(
                    'runs', array(
                        select pgdispatch.micros(run) from unnest(s.firing_for) as run
                    ),
                    'missed', array(
                        select pgdispatch.micros(run) from unnest(s.missed_for) as run
                    ),
                    'after_task', s.fired_task,
                    'after_linked_task', s.fired_linked_task,
                    'at', pgdispatch.micros(put_off.at)
                )
                when s.next_run_at <= p_now then jsonb_build_object(
                    'runs', array(
                        select pgdispatch.micros(run)
                        from unnest(pgdispatch.due_runs(s, p_now)) as run
                    ),
                    'missed', array(
                        select pgdispatch.micros(run)
                        from unnest(pgdispatch.missed_runs(s, p_now)) as run
                    ),
                    'after_task', 0,
                    'after_linked_task', 0,
                    'at', pgdispatch.micros(put_off.at)
                )
            end
        )
        order by s.next_run_at, s.id
    ), '[]')
    from pgdispatch.schedule as s
    cross join lateral (
        select greatest(
            p_now,
            case when s.put_off_until <= p_now + interval '1 minute' then s.put_off_until end
        ) as at
    ) as put_off
$$;

comment on function pgdispatch.forecast_schedules(timestamptz, timestamptz) is
'The schedules for forecast_input, with their coming times and what is due.';
