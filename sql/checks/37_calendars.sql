/*
 * Calendars that schedules or windows go by, and whose holidays come to their end: soon every day
 * counts as its weekday says. One that never had any is meant so.
 */
select
    format('calendar %s has no days after %s', s.name, s.last_free) as problem,
    format('%s schedules and windows go by it; today is %s there', s.users, s.today) as evidence,
    format('import the next years: pgdispatch calendar import %s FILE.ics', s.named) as advice
from (
    select
        c.name,
        case when c.name ~ '[[:space:]]' then quote_literal(c.name) else c.name end as named,
        (pgdispatch.now() at time zone c.time_zone)::date as today,
        (
            select max(d.day)
            from pgdispatch.calendar_day as d
            where d.calendar = c.name
                and not d.is_working
        ) as last_free,
        (select count(*) from pgdispatch.schedule as u where u.calendar = c.name and u.enabled)
        + (
            select count(*)
            from pgdispatch.closed_window as w
            where w.calendar = c.name
                and w.enabled
        ) as users
    from pgdispatch.calendar as c
) as s
where s.users > 0
    and s.last_free < s.today + 60
order by s.name
