/*
 * Reads `every …`: the times of day at which it runs, on every day. A window over midnight counts
 * from its beginning; what is after midnight belongs to the next day, and so to every day.
 */
create or replace function pgdispatch.parse_every(p_recurrence text)
returns time[]
language plpgsql
immutable
as $$
declare
    v_match constant text[] := regexp_match(
        p_recurrence,
        '^every (?:(15|30) minutes?|(?:(1|2|4|6|8|12) hours?|hour))'
        '(?: from ((?:[01]?[0-9]|2[0-3]):[0-5][0-9])'
        ' to ((?:[01]?[0-9]|2[0-3]):[0-5][0-9]|24:00))?$'
    );
    v_step constant integer := coalesce(v_match[1]::integer, 60 * v_match[2]::integer, 60);
    v_from constant integer := extract(epoch from coalesce(v_match[3], '00:00')::time) / 60;
    v_to integer := extract(epoch from coalesce(v_match[4], '24:00')::time) / 60;
begin
    if v_match is null then
        perform pgdispatch.refuse_recurrence(p_recurrence);
    elsif v_from = v_to then
        perform pgdispatch.refuse(
            format('recurrence %L has a window that ends as it begins', p_recurrence),
            format('leave the window out to run all day, or write: daily at %s', v_match[3])
        );
    end if;
    if v_to < v_from then
        v_to := v_to + 1440;
    elsif v_to = 1440 then
        v_to := 1439; -- 24:00 is 00:00 of the next day, which is not in the window
    end if;
    return array(
        select time '00:00' + n % 1440 * interval '1 minute' as at
        from generate_series(v_from, v_to, v_step) as n
        order by at
    );
end
$$;

comment on function pgdispatch.parse_every(text) is
'The local times of a recurrence that begins with every, in order.';
