/* The days of one month on which a recurrence runs; its numbers are those of parse_recurrence. */
create or replace function pgdispatch.recurring_days(
    p_month date,
    p_days integer[],
    p_weekdays integer[],
    p_is_either boolean
)
returns setof date
language sql
immutable
as $$
    select d.day
    from (
        select
            extract(day from m.last)::integer as last,
            extract(day from m.last)::integer
                - (array[2, 0, 0, 0, 0, 0, 1])[extract(dow from m.last)::integer + 1]
                as last_workday
        from (select (p_month + interval '1 month - 1 day')::date as last) as m
    ) as m
    cross join lateral (
        select
            p_month + n - 1 as day,
            n,
            extract(dow from p_month + n - 1)::integer as weekday
        from generate_series(1, m.last) as n
    ) as d
    cross join lateral (
        select
            d.n = any (p_days)
                or (d.n = m.last and 32 = any (p_days))
                or (d.n = m.last_workday and 33 = any (p_days)) as on_day,
            d.weekday = any (p_weekdays)
                or (d.n + 6) / 7 * 10 + d.weekday = any (p_weekdays)
                or (d.n + 7 > m.last and 60 + d.weekday = any (p_weekdays)) as on_weekday
    ) as f
    where case when p_is_either then f.on_day or f.on_weekday else f.on_day and f.on_weekday end
    order by d.n
$$;

comment on function pgdispatch.recurring_days(date, integer[], integer[], boolean) is
'The days on which a recurrence runs, in the month that begins on a date, in order.';
