/*
 * Reads `on working days …` and `monthly on first working day at …`: times of day, and which
 * working days of a month, see parse_recurrence. A window over midnight is refused: what is after
 * midnight would be on the working day before it begins, or on a free day.
 */
create or replace function pgdispatch.parse_working_days(
    p_text text,
    p_recurrence text,
    out times time[],
    out workdays integer[]
)
language plpgsql
immutable
as $$
declare
    v_each constant text[] := regexp_match(p_text, '^on working days (every .*|at .*)$');
    v_nth constant text[] := regexp_match(
        p_text,
        '^monthly on (?:the )?(first|second|third|fourth|fifth|last|(?:[1-9]|1[0-9]|2[0-3])[.]?'
        '(?:st|nd|rd|th)?) working day (at .*)$'
    );
    v_at constant text[] := regexp_match(
        coalesce(v_nth[2], v_each[1]), '^at ((?:[01]?[0-9]|2[0-3]):[0-5][0-9])$'
    );
    v_window constant text[] := regexp_match(
        v_each[1], ' from ([0-9]+:[0-9]+) to ([0-9]+:[0-9]+)$'
    );
begin
    if v_at is not null then
        times := array[v_at[1]::time];
    elsif v_each[1] like 'every %' then
        times := pgdispatch.parse_every(v_each[1]);
        if v_window[2]::time < v_window[1]::time then
            perform pgdispatch.refuse(
                format('recurrence %L has a window over midnight', left(p_recurrence, 60)),
                'a working day ends at midnight: make two schedules of it, each within one day'
            );
        end if;
    else
        perform pgdispatch.refuse_recurrence(p_recurrence);
    end if;
    workdays := array[case
        when v_nth is null then 0
        when v_nth[1] = 'last' then -1
        when v_nth[1] ~ '^[0-9]' then regexp_replace(v_nth[1], '[^0-9]', '', 'g')::integer
        else array_position(array['first', 'second', 'third', 'fourth', 'fifth'], v_nth[1])
    end];
end
$$;

comment on function pgdispatch.parse_working_days(text, text) is
'What a recurrence says that counts working days: local times, and which of a month; refuses '
'(JD001) what it cannot read.';
