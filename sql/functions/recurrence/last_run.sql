/*
 * The mirror image of next_runs: walks down from the latest local time that the clocks have shown.
 * That may be ahead of what they show now, when they have just been set back; the offset of a day
 * before tells.
 */
create or replace function pgdispatch.last_run(
    p_recurrence text,
    p_time_zone text,
    p_until timestamptz,
    p_calendar text default null,
    p_on_free_day text default 'run'
)
returns timestamptz
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
    v_run timestamptz;
begin
    if p_recurrence is null or p_time_zone is null or p_until is null then
        return null;
    end if;
    v_rule := pgdispatch.parse_recurrence(p_recurrence);
    perform pgdispatch.check_calendar(p_calendar, p_on_free_day, p_recurrence);
    v_local := greatest(
        p_until at time zone p_time_zone,
        (p_until - interval '24 hours') at time zone p_time_zone + interval '24 hours'
    );
    v_month := date_trunc('month', v_local);
    v_horizon := v_month - interval '41 years';
    while v_month > v_horizon loop
        for v_day in
            select d
            from pgdispatch.run_days(
                v_month, v_rule.months, v_rule.days, v_rule.weekdays, v_rule.is_either,
                v_rule.workdays, p_calendar, p_on_free_day
            ) as d
            where d <= v_local::date
            order by d desc
        loop
            for v_index in reverse cardinality(v_rule.times)..1 loop
                continue when v_day + v_rule.times[v_index] > v_local;
                v_run := pgdispatch.local_instant(v_day + v_rule.times[v_index], p_time_zone);
                if v_run <= p_until then
                    return v_run;
                end if;
            end loop;
        end loop;
        v_month := v_month - interval '1 month';
    end loop;
    return null;
end
$$;

comment on function pgdispatch.last_run(text, text, timestamptz, text, text) is
'The latest run of a recurrence in a time zone, at or before an instant, by a calendar as '
'next_runs takes it. JD001: it cannot be read, or needs a calendar; JD002: no such calendar.';
