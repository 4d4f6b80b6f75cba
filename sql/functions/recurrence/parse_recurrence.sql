/*
 * Reads a recurrence into what all kinds have in common: times of day, and rules for the days.
 *   times        local times, ascending
 *   months       1 to 12
 *   days         1 to 31 of the month; 32: the last day; 33: its last Monday to Friday
 *   weekdays     0 (Sunday) to 6: each; 10 to 56: n-th of the month, 23 = second Wednesday;
 *                60 to 66: the last of the month
 *   is_either    true: a day needs to fit days or weekdays; false: both
 *   workdays     null: days as above; else working days of a calendar, 0: each; 1 to 31: n-th of
 *                the month; -1: the last
 */
create or replace function pgdispatch.parse_recurrence(
    p_recurrence text,
    out times time[],
    out months integer[],
    out days integer[],
    out weekdays integer[],
    out is_either boolean,
    out workdays integer[]
)
language plpgsql
immutable
strict
as $$
declare
    -- Sunday is 0, as for cron and for extract(dow …); the first three letters count
    v_weekdays constant text[] := array['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
    v_weekday constant text := '(?:sun(?:day)?|mon(?:day)?|tue(?:sday)?|wed(?:nesday)?'
        '|thu(?:rsday)?|fri(?:day)?|sat(?:urday)?)';
    v_day constant text := '(?:0?[1-9]|[12][0-9]|3[01]|last)';
    v_at constant text := ' at ((?:[01]?[0-9]|2[0-3]):[0-5][0-9])$';
    -- one space between words, none beside a comma
    v_text constant text := regexp_replace(
        regexp_replace(
            lower(btrim(p_recurrence, E' \t\r\n') collate "C"),
            '[[:space:]]*,[[:space:]]*', ',', 'g'
        ),
        '[[:space:]]+', ' ', 'g'
    );
    v_match text[];
begin
    if length(p_recurrence) > 500 then
        perform pgdispatch.refuse(
            format('the recurrence has %s characters', length(p_recurrence)),
            'use 500 at most'
        );
    elsif v_text like 'cron %' then
        select c.* into times, months, days, weekdays, is_either
        from pgdispatch.parse_cron(substr(v_text, 6)) as c;
        return;
    end if;
    months := array[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
    days := array(select generate_series(1, 31));
    weekdays := array[0, 1, 2, 3, 4, 5, 6];
    is_either := false;
    if v_text like 'every %' then
        times := pgdispatch.parse_every(v_text);
        return;
    end if;
    if v_text like 'on %' or v_text ~ ' working day' then
        select w.* into times, workdays
        from pgdispatch.parse_working_days(v_text, p_recurrence) as w;
        return;
    end if;
    v_match := coalesce(
        regexp_match(v_text, '^()()daily' || v_at),
        regexp_match(v_text, format('^weekly on ()(%1$s(?:,%1$s)*)%2$s', v_weekday, v_at)),
        regexp_match(v_text, format('^monthly on (%1$s(?:,%1$s)*)()%2$s', v_day, v_at)),
        regexp_match(
            v_text,
            format('^monthly on (first|second|third|fourth|fifth|last) (%s)%s', v_weekday, v_at)
        )
    );
    if v_match is null then
        perform pgdispatch.refuse_recurrence(p_recurrence);
    end if;
    if v_match[1] <> '' and v_match[2] <> '' then
        weekdays := array[
            10 * array_position(
                array['first', 'second', 'third', 'fourth', 'fifth', 'last'], v_match[1]
            ) + array_position(v_weekdays, left(v_match[2], 3)) - 1
        ];
    elsif v_match[1] <> '' then
        days := string_to_array(replace(v_match[1], 'last', '32'), ',')::integer[];
    elsif v_match[2] <> '' then
        weekdays := array(
            select array_position(v_weekdays, left(w, 3)) - 1
            from string_to_table(v_match[2], ',') as w
        );
    end if;
    times := array[v_match[3]::time];
end
$$;

comment on function pgdispatch.parse_recurrence(text) is
'What a recurrence says: local times, and on which months, days, weekdays or working days; refuses '
'(JD001) what it cannot read or what never comes.';
