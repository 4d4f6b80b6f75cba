/*
 * Jobs that no schedule made, on each of the last seven days within so many hours after the time of
 * day that it is now: [seconds after it, type, site, task, datasource, schedule, priority, Run
 * Now]. Steps of linked tasks, retries by hand and jobs of the system are not among them.
 * A day of more than 2,000 is thinned to about that many: then each stands for `every` of its kind,
 * which is told before them. Newest day first. A day before the history began is not known.
 * Locks: none.
 */
create or replace function pgdispatch.forecast_arrivals(
    p_now timestamptz, p_hours double precision
)
returns jsonb
language plpgsql
stable
as $$
declare
    v_days jsonb := '[]';
    v_from timestamptz;
    v_day jsonb;
begin
    for v_back in 1..7 loop
        v_from := p_now - make_interval(days => v_back);
        with added as materialized (
            select
                h.id, h.created_at, h.type, h.site, h.task, h.datasource, h.schedule, h.priority,
                h.run_now
            from pgdispatch.job_history as h
            where (h.created_at at time zone 'UTC') >= (v_from at time zone 'UTC')
                and (h.created_at at time zone 'UTC')
                    < ((v_from + make_interval(secs => p_hours * 3600)) at time zone 'UTC')
                and h.ended_at >= v_from
                and h.created_at <= p_now
                and h.scheduled_at is null
                and h.linked_run is null
                and h.type <> 'notice'
            limit 100000
        ),
        counted as (
            select greatest(ceil(count(*) / 2000.0), 1)::integer as every from added
        )
        select jsonb_build_object(
            'is_known', exists (
                select from pgdispatch.job_history as h where h.ended_at < v_from
            ),
            'every', c.every,
            'jobs', coalesce(jsonb_agg(jsonb_build_array(
                round(extract(epoch from a.created_at - v_from), 3), a.type, a.site, a.task,
                a.datasource, a.schedule, a.priority, a.run_now
            ) order by a.created_at, a.id) filter (where a.id is not null), '[]')
        )
        into v_day
        from counted as c
        left join added as a on a.id % c.every = 0
        group by c.every;
        v_days := v_days || jsonb_build_array(v_day);
    end loop;
    return v_days;
end
$$;

comment on function pgdispatch.forecast_arrivals(timestamptz, double precision) is
'The jobs that nobody had scheduled, of the coming hours on each of the last seven days.';
