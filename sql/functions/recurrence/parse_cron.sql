/*
 * Reads the five fields of a cron expression; see parse_recurrence for the form of the answer.
 * As in Vixie cron, a day needs to fit both its fields if one of them begins with a star, else
 * either. Refuses what never comes: 28 years hold every kind of year, so a day that is not among
 * them is in none.
 */
create or replace function pgdispatch.parse_cron(
    p_fields text,
    out times time[],
    out months integer[],
    out days integer[],
    out weekdays integer[],
    out is_either boolean
)
language plpgsql
immutable
as $$
declare
    v_fields constant text[] := string_to_array(p_fields, ' ');
    v_minutes integer[];
    v_hours integer[];
begin
    if cardinality(v_fields) <> 5 then
        perform pgdispatch.refuse(
            format('cron expression %L does not have five fields', left(p_fields, 60)),
            'write minute, hour, day of month, month and weekday, such as: cron 30 6 * * mon-fri'
        );
    end if;
    v_minutes := pgdispatch.parse_cron_field('minute', v_fields[1]);
    v_hours := pgdispatch.parse_cron_field('hour', v_fields[2]);
    days := pgdispatch.parse_cron_field('day of month', v_fields[3]);
    months := pgdispatch.parse_cron_field('month', v_fields[4]);
    weekdays := pgdispatch.parse_cron_field('weekday', v_fields[5]);
    is_either := not (v_fields[3] like '*%' or v_fields[5] like '*%');
    if not exists (
        select
        from generate_series(0, 28 * 12 - 1) as n
        cross join lateral pgdispatch.recurring_days(
            make_date(2001 + n / 12, 1 + n % 12, 1), days, weekdays, is_either
        )
        where 1 + n % 12 = any (months)
    ) then
        perform pgdispatch.refuse(
            format('cron expression %L never comes', left(p_fields, 60)),
            'name a day that its months have; fields: minute, hour, day of month, month, weekday'
        );
    end if;
    times := array(
        select make_time(h, m, 0)
        from unnest(v_hours) as h
        cross join unnest(v_minutes) as m
        order by h, m
    );
end
$$;

comment on function pgdispatch.parse_cron(text) is
'What the five fields of a cron expression say: local times, and on which days; refuses (JD001) '
'what it cannot read or what never comes.';
