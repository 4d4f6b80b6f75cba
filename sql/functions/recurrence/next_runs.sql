/*
 * The runs of a recurrence are a set of local times, each at the first instant at which the clocks
 * have reached it. Instants ascend as local times do, so what comes next is found by walking up
 * from the local time of p_after. Two kinds of local times on that way are no runs: those that the
 * clocks show for a second time, and all but one of those that a change-over skips.
 * No day is further off than 40 years: 29 February on one weekday, across the end of a century.
 */
create or replace function pgdispatch.next_runs(
    p_recurrence text,
    p_time_zone text,
    p_after timestamptz,
    p_count integer
)
returns timestamptz[]
language plpgsql
stable
strict
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
    if p_count not between 1 and 100000 then
        perform pgdispatch.refuse(
            format('cannot give %s runs', p_count), 'ask for 1 to 100000 runs'
        );
    end if;
    v_rule := pgdispatch.parse_recurrence(p_recurrence);
    v_local := p_after at time zone p_time_zone;
    v_month := date_trunc('month', v_local);
    v_horizon := v_month + interval '41 years';
    while v_month < v_horizon loop
        if extract(month from v_month) = any (v_rule.months) then
            for v_day in
                select d
                from pgdispatch.recurring_days(
                    v_month, v_rule.days, v_rule.weekdays, v_rule.is_either
                ) as d
                where d >= v_local::date
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
        end if;
        v_month := v_month + interval '1 month';
    end loop;
    return v_runs;
end
$$;

comment on function pgdispatch.next_runs(text, text, timestamptz, integer) is
'The next runs of a recurrence in a time zone, strictly after an instant, in order: up to 100,000. '
'JD001: it cannot be read; 22023: no such time zone.';
