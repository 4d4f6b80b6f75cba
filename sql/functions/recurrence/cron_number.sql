/* A number or a name within a field of a cron expression; null if it is neither. */
create or replace function pgdispatch.cron_number(p_field text, p_text text)
returns integer
language sql
immutable
as $$
    select case
        when p_text ~ '^[0-9]{1,4}$' then p_text::integer
        when p_field = 'weekday' then array_position(
            array['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'], p_text
        ) - 1
        when p_field = 'month' then array_position(
            array[
                'jan', 'feb', 'mar', 'apr', 'may', 'jun',
                'jul', 'aug', 'sep', 'oct', 'nov', 'dec'
            ],
            p_text
        )
    end
$$;

comment on function pgdispatch.cron_number(text, text) is
'The number that a number or a name stands for in a field of a cron expression, or null.';
