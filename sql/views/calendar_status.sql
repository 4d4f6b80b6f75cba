/* The calendars: how far their named days reach, and what goes by them. Takes no lock. */
create or replace view pgdispatch.calendar_status
with (security_invoker = true) as
select
    c.name as calendar,
    c.time_zone,
    c.working_weekdays,
    n.today,
    d.days,
    d.next_free_day,
    d.next_free_name,
    d.last_day,
    s.schedules
from pgdispatch.calendar as c
cross join lateral (
    select (pgdispatch.now() at time zone c.time_zone)::date as today
) as n
cross join lateral (
    select
        count(*) as days,
        min(t.day) filter (where not t.is_working and t.day >= n.today) as next_free_day,
        (array_agg(t.name order by t.day)
            filter (where not t.is_working and t.day >= n.today))[1] as next_free_name,
        max(t.day) as last_day
    from pgdispatch.calendar_day as t
    where t.calendar = c.name
) as d
cross join lateral (
    select count(*) as schedules
    from pgdispatch.schedule as u
    where u.calendar = c.name
) as s
order by c.name;

comment on view pgdispatch.calendar_status is
'Each calendar, by name: how many days it names, which is free next, how far they reach, and how '
'many schedules go by it.';
comment on column pgdispatch.calendar_status.calendar is 'Its name.';
comment on column pgdispatch.calendar_status.time_zone is
'IANA name of the time zone by which it is read what day it is now.';
comment on column pgdispatch.calendar_status.working_weekdays is
'The weekdays on which people work.';
comment on column pgdispatch.calendar_status.today is 'What day it is now, in its time zone.';
comment on column pgdispatch.calendar_status.days is 'How many days it names.';
comment on column pgdispatch.calendar_status.next_free_day is
'The next named day that is free, from today on; null: it names none any more.';
comment on column pgdispatch.calendar_status.next_free_name is 'What that is called.';
comment on column pgdispatch.calendar_status.last_day is 'The last day that it names.';
comment on column pgdispatch.calendar_status.schedules is
'How many schedules go by it; of those that you see.';
