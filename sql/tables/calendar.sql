/* Which days are working days: weekdays, and in calendar_day what differs. */
create table if not exists pgdispatch.calendar (
    name text primary key,
    time_zone text not null default 'UTC',
    working_weekdays text[] not null default '{mon,tue,wed,thu,fri}',
    created_at timestamptz not null default pg_catalog.now(),
    constraint calendar_name_check check (length(name) between 1 and 100),
    constraint calendar_working_weekdays_check
    check (working_weekdays <@ '{mon,tue,wed,thu,fri,sat,sun}'::text[])
);

comment on table pgdispatch.calendar is
'Which days are working days: those of some weekdays, but for what calendar_day says. Schedules '
'and closed windows go by them.';
comment on column pgdispatch.calendar.name is 'Unique name, up to 100 characters.';
comment on column pgdispatch.calendar.time_zone is
'IANA name of the time zone by which it is read what day it is now. The days of a schedule are '
'those of the schedule''s own zone.';
comment on column pgdispatch.calendar.working_weekdays is
'The weekdays on which people work: mon, tue, wed, thu, fri, sat, sun. Empty: only the days that '
'calendar_day names as working days.';
comment on column pgdispatch.calendar.created_at is 'When it was added.';
