/* The days of one month on which a recurrence runs, by a calendar or by none. */
create or replace function pgdispatch.run_days(
    p_month date,
    p_months integer[],
    p_days integer[],
    p_weekdays integer[],
    p_is_either boolean,
    p_workdays integer[],
    p_calendar text,
    p_on_free_day text
)
returns setof date
language plpgsql
stable
as $$
begin
    if p_calendar is not null then
        return query
            select distinct p.runs
            from pgdispatch.planned_days(
                p_month, p_months, p_days, p_weekdays, p_is_either, p_workdays, p_calendar,
                p_on_free_day
            ) as p
            where p.runs between p_month and (p_month + interval '1 month - 1 day')::date
            order by p.runs;
    elsif extract(month from p_month) = any (p_months) then
        return query
            select d
            from pgdispatch.recurring_days(p_month, p_days, p_weekdays, p_is_either) as d;
    end if;
end
$$;

comment on function pgdispatch.run_days(
    date, integer[], integer[], integer[], boolean, integer[], text, text
) is
'The days on which a recurrence runs, in the month that begins on a date, in order: those that it '
'plans, or with a calendar those to which they are moved.';
