/*
 * Reads one field of a cron expression into numbers: *, lists, ranges, steps and names. A step
 * after a single number goes on to the field's end. A day of the month may be `l` (32, the last)
 * or `lw` (33, the last that is no weekend), a weekday `n#k` (10 * k + n, the k-th of the month)
 * or `nl` (60 + n, the last of the month).
 */
create or replace function pgdispatch.parse_cron_field(p_field text, p_text text)
returns integer[]
language plpgsql
immutable
as $$
declare
    v_low constant integer := case when p_field in ('day of month', 'month') then 1 else 0 end;
    v_high constant integer := case p_field
        when 'minute' then 59
        when 'hour' then 23
        when 'day of month' then 31
        when 'month' then 12
        when 'weekday' then 7
    end;
    v_item text;
    v_match text[];
    v_first integer;
    v_last integer;
    v_found integer[] := '{}';
begin
    foreach v_item in array string_to_array(p_text, ',') loop
        v_match := regexp_match(
            v_item, '^(?:[*]|([a-z0-9]{1,4})(?:-([a-z0-9]{1,4}))?)(?:/(0{0,3}[1-9][0-9]{0,3}))?$'
        );
        v_first := v_low;
        v_last := v_high;
        if v_match[1] is not null then
            v_first := pgdispatch.cron_number(p_field, v_match[1]);
            v_last := pgdispatch.cron_number(p_field, coalesce(v_match[2], v_match[1]));
        end if;
        if v_first = v_last and v_match[3] is not null then
            v_last := v_high;
        end if;
        if p_field = 'day of month' and v_item in ('l', 'lw') then
            v_found := v_found || case v_item when 'l' then 32 else 33 end;
        elsif p_field = 'weekday' and v_item ~ '^([0-7]|[a-z]{3})#[1-5]$' then
            v_found := v_found || 10 * right(v_item, 1)::integer
                + pgdispatch.cron_number(p_field, split_part(v_item, '#', 1)) % 7;
        elsif p_field = 'weekday' and v_item ~ '^[0-7]l$' then
            v_found := v_found || 60 + left(v_item, 1)::integer % 7;
        elsif v_match is not null and v_low <= v_first and v_first <= v_last
            and v_last <= v_high then
            v_found := v_found || array(
                select case when p_field = 'weekday' then n % 7 else n end
                from generate_series(v_first, v_last, coalesce(v_match[3]::integer, 1)) as n
            );
        else
            v_found := v_found || null::integer;
        end if;
    end loop;
    if v_found = '{}' or array_position(v_found, null) is not null then
        perform pgdispatch.refuse(
            format('the %s of a cron expression cannot be %L', p_field, left(p_text, 60)),
            'write minute, hour, day of month, month and weekday, such as: cron 30 6 * * mon-fri'
        );
    end if;
    return array(select distinct n from unnest(v_found) as n order by n);
end
$$;

comment on function pgdispatch.parse_cron_field(text, text) is
'The numbers that one field of a cron expression stands for, in order; refuses (JD001) what it '
'cannot read.';
