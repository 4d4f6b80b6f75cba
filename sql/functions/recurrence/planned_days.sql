/*
 * The days that a recurrence plans by a calendar, in one month or moved into it, each with the day
 * on which it runs. So there is one place where days are moved, and whoever runs, previews or
 * explains a schedule asks it.
 * Days are moved by 100 at most: a longer free time, such as a calendar that has come to its end,
 * would pile up on one day what nobody expects there.
 * Only days that are free are moved, so those that count working days of a month never are.
 */
create or replace function pgdispatch.planned_days(
    p_month date,
    p_months integer[],
    p_days integer[],
    p_weekdays integer[],
    p_is_either boolean,
    p_workdays integer[],
    p_calendar text,
    p_on_free_day text
)
returns table (
    planned date,
    is_working boolean,
    name text,
    runs date
)
language sql
stable
as $$
    with
    span as (
        select
            p_month - r.reach as first,
            (p_month + interval '1 month - 1 day')::date as last,
            r.reach
        from (
            select case when p_on_free_day in ('before', 'after') then 100 else 0 end as reach
        ) as r
    ),
    day as (
        select
            s.first + n as day,
            d.name,
            coalesce(
                d.is_working, to_char((s.first + n)::timestamp, 'dy') = any (c.working_weekdays)
            ) as is_working
        from span as s
        join pgdispatch.calendar as c on c.name = p_calendar
        cross join generate_series(0, s.last + s.reach - s.first) as n
        left join pgdispatch.calendar_day as d
            on d.calendar = c.name
            and d.day = s.first + n
    ),
    numbered as (
        select
            d.*,
            max(d.day) filter (where d.is_working) over (order by d.day) as before,
            min(d.day) filter (where d.is_working) over (order by d.day desc) as after,
            count(*) filter (where d.is_working) over (
                partition by date_trunc('month', d.day) order by d.day
            ) as from_first,
            count(*) filter (where d.is_working) over (
                partition by date_trunc('month', d.day) order by d.day desc
            ) as from_last
        from day as d
    ),
    rule as (
        select d as day
        from span as s
        cross join generate_series(
            date_trunc('month', s.first::timestamp), s.last + s.reach, interval '1 month'
        ) as m
        cross join lateral pgdispatch.recurring_days(
            m::date, p_days, p_weekdays, p_is_either
        ) as d
        where p_workdays is null
            and extract(month from m) = any (p_months)
    ),
    planned as (
        select
            n.day,
            n.is_working,
            n.name,
            case
                when n.is_working or p_on_free_day = 'run' then n.day
                when p_on_free_day = 'before' and n.day - n.before <= 100 then n.before
                when p_on_free_day = 'after' and n.after - n.day <= 100 then n.after
            end as runs
        from numbered as n
        where case
            when p_workdays is null then n.day in (select r.day from rule as r)
            else n.is_working
                and (0 = any (p_workdays) or n.from_first = any (p_workdays)
                    or -n.from_last = any (p_workdays))
        end
    )
    select
        p.day,
        p.is_working,
        p.name,
        p.runs
    from planned as p
    cross join span as s
    where p.day between p_month and s.last
        or p.runs between p_month and s.last
    order by p.day
$$;

comment on function pgdispatch.planned_days(
    date, integer[], integer[], integer[], boolean, integer[], text, text
) is
'The days that a recurrence plans in the month that begins on a date, or that are moved into it, '
'by a calendar: whether each is a working day, what it is called, and the day on which it runs; '
'null: on none. The numbers are those of parse_recurrence.';
