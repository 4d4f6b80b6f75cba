/*
 * The schedules as a simulation needs them: their coming times, and what they are to be fired for
 * at once, or are being fired for. After an error the clock waits up to a minute (put_off_until).
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
            'recurrence', s.recurrence,
            'runs', array(
                select pgdispatch.micros(run)
                from unnest(pgdispatch.runs_within(s, p_now, p_until)) as run
            ),
            'closed', array(
                select pgdispatch.micros(run)
                from unnest(pgdispatch.closed_within(s, p_now, p_until)) as run
            ),
            'firing', case
                when due.runs is not null then jsonb_build_object(
                    'at', pgdispatch.micros(greatest(
                        p_now,
                        case
                            when s.put_off_until <= p_now + interval '1 minute'
                                then s.put_off_until
                        end
                    )),
                    'runs', array(select pgdispatch.micros(run) from unnest(due.runs) as run),
                    'missed', array(select pgdispatch.micros(run) from unnest(due.missed) as run),
                    'after_task', case when s.firing_for is null then 0 else s.fired_task end,
                    'after_linked_task',
                        case when s.firing_for is null then 0 else s.fired_linked_task end
                )
            end
        )
        order by s.next_run_at, s.id
    ), '[]')
    from pgdispatch.schedule as s
    cross join lateral pgdispatch.runs_due(s, p_now) as due
$$;

comment on function pgdispatch.forecast_schedules(timestamptz, timestamptz) is
'The schedules for forecast_input, with their coming times and what is due.';
