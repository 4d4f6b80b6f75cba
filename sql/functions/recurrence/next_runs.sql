/*
 * The runs of a recurrence are a set of local times, each at the first instant at which the clocks
 * have reached it. Instants ascend as local times do, so what comes next is found by walking up
 * from the local time of p_after. Two kinds of local times on that way are no runs: those that the
 * clocks show for a second time, and all but one of those that a change-over skips.
 * No day is further off than 40 years: 29 February on one weekday, across the end of a century.
 * Days that a calendar moves keep their times; what falls together on one day is one run.
 */
create or replace function pgdispatch.next_runs(
    p_recurrence text,
    p_time_zone text,
    p_after timestamptz,
    p_count integer,
    p_calendar text default null,
    p_on_free_day text default 'run'
)
returns timestamptz[]
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
as $$
declare
    v_rule record;
    v_local timestamp;
    v_month date;
    v_horizon date;
    v_day date;
    v_time time;
    v_run timestamptz;
    v_last timestamptz := p_after;
    v_runs timestamptz[] := '{}';
begin
    if p_recurrence is null or p_time_zone is null or p_after is null or p_count is null then
        return null;
    elsif p_count not between 1 and 100000 then
        perform pgdispatch.refuse(
            format('cannot give %s runs', p_count), 'ask for 1 to 100000 runs'
        );
    end if;
    v_rule := pgdispatch.parse_recurrence(p_recurrence);
    perform pgdispatch.check_calendar(p_calendar, p_on_free_day, p_recurrence);
    v_local := p_after at time zone p_time_zone;
    v_month := date_trunc('month', v_local);
    v_horizon := v_month + interval '41 years';
    while v_month < v_horizon loop
        for v_day in
            select d
            from pgdispatch.run_days(
                v_month, v_rule.months, v_rule.days, v_rule.weekdays, v_rule.is_either,
                v_rule.workdays, p_calendar, p_on_free_day
            ) as d
            where d >= v_local::date
            order by d
        loop
            foreach v_time in array v_rule.times loop
                continue when v_day + v_time <= v_local;
                v_run := pgdispatch.local_instant(v_day + v_time, p_time_zone);
                continue when v_run <= v_last;
                v_runs := v_runs || v_run;
                if cardinality(v_runs) = p_count then
                    return v_runs;
                end if;
                v_last := v_run;
                v_horizon := v_month + interval '41 years';
            end loop;
        end loop;
        v_month := v_month + interval '1 month';
    end loop;
    return v_runs;
end
$$;

comment on function pgdispatch.next_runs(
    text, text, timestamptz, integer, text, text
) is
'The next runs of a recurrence in a time zone, strictly after an instant, in order: up to 100,000; '
'by a calendar, with what becomes of its free days (run, skip, before, after). JD001: it cannot be '
'read, or needs a calendar; JD002: no such calendar; 22023: no such time zone.';
