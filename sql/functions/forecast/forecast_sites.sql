/*
 * The sites as a simulation needs them: their limits, and of those with a budget what is spent of
 * it, since when, and the refills to come. With the timeouts in which they differ from the types.
 */
create or replace function pgdispatch.forecast_sites(p_now timestamptz, p_until timestamptz)
returns jsonb
language sql
stable
as $$
    select coalesce(jsonb_agg(
        jsonb_build_object(
            'name', s.name,
            'running_limit', s.running_limit,
            'seconds_limit', s.seconds_limit,
            'over_budget', s.over_budget,
            'run_now_enabled', s.run_now_enabled,
            'spent', round(1000000 * pgdispatch.spent_seconds(s)),
            'refilled_at', case
                when s.seconds_limit is not null
                    then pgdispatch.micros(pgdispatch.refilled_at(s))
            end,
            'refills', case
                when s.seconds_limit is not null then array(
                    select distinct pgdispatch.micros(refill)
                    from generate_series(0, 2 + (p_until::date - p_now::date)) as days
                    cross join lateral pgdispatch.local_instant(
                        (p_now at time zone s.time_zone)::date + days + s.refill_at, s.time_zone
                    ) as refill
                    where refill > p_now
                        and refill <= p_until
                    order by 1
                )
            end,
            'timeouts', (
                select jsonb_object_agg(o.type, pgdispatch.micros_of(o.timeout))
                from pgdispatch.site_timeout as o
                where o.site = s.name
            )
        )
        order by s.name
    ), '[]')
    from pgdispatch.site as s
$$;

comment on function pgdispatch.forecast_sites(timestamptz, timestamptz) is
'The sites for forecast_input, with their limits, budgets and timeouts.';
