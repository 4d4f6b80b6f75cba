/*
 * The coming and due times that tasks and linked tasks have had already, as somebody fired their
 * schedule early, or by hand: none of them gets a second job. `is_missed`: it was recorded as
 * missed only, which whoever fires it makes up for.
 */
create or replace function pgdispatch.forecast_served(p_now timestamptz)
returns jsonb
language sql
stable
as $$
    with due as materialized (
        select
            s.name,
            run
        from pgdispatch.schedule as s
        cross join lateral pgdispatch.runs_due(s, p_now) as d
        cross join lateral unnest(
            d.runs || d.missed || pgdispatch.closed_within(s, p_now, p_now)
                || array(select ahead from unnest(s.served_ahead) as ahead where ahead > p_now)
        ) as run
    )
    select jsonb_build_object(
        'tasks', coalesce((
            select jsonb_agg(jsonb_build_array(
                o.task, pgdispatch.micros(o.scheduled_at),
                o.skipped_for is not distinct from 'missed'
            ))
            from due as d
            join pgdispatch.task as t on t.schedule = d.name
            join pgdispatch.occurrence as o on o.task = t.id and o.scheduled_at = d.run
        ), '[]'),
        'linked_tasks', coalesce((
            select jsonb_agg(jsonb_build_array(
                r.linked_task, pgdispatch.micros(r.scheduled_at),
                r.skipped_for is not distinct from 'missed'
            ))
            from due as d
            join pgdispatch.linked_task as t on t.schedule = d.name
            join pgdispatch.linked_run as r on r.linked_task = t.id and r.scheduled_at = d.run
        ), '[]')
    )
$$;

comment on function pgdispatch.forecast_served(timestamptz) is
'For forecast_input: the due and coming times that tasks have had already.';
