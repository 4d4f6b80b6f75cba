/*
 * Calendars: which days are working days, and schedules that go by them.
 * Locks: schedule, for a moment; the clock waits.
 */
create table pgdispatch.calendar (
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

create table pgdispatch.calendar_day (
    calendar text not null,
    day date not null,
    name text,
    is_working boolean not null default false,
    primary key (calendar, day),
    constraint calendar_day_calendar_fkey
    foreign key (calendar) references pgdispatch.calendar (name)
    on update cascade on delete cascade,
    constraint calendar_day_name_check check (length(name) between 1 and 200),
    constraint calendar_day_day_check check (day between '1900-01-01' and '2999-12-31')
);

comment on table pgdispatch.calendar_day is
'The days of a calendar that are named: holidays, and working days on a weekday that is free else.';
comment on column pgdispatch.calendar_day.calendar is 'The calendar.';
comment on column pgdispatch.calendar_day.day is 'The day, from 1900 to 2999.';
comment on column pgdispatch.calendar_day.name is 'What it is called, up to 200 characters.';
comment on column pgdispatch.calendar_day.is_working is
'Whether it is a working day, whatever its weekday; false: it is free.';

alter table pgdispatch.schedule
    add column calendar text,
    add column on_free_day text not null default 'run',
    add constraint schedule_calendar_fkey
    foreign key (calendar) references pgdispatch.calendar (name) on update cascade,
    add constraint schedule_on_free_day_check
    check (on_free_day in ('run', 'skip', 'before', 'after'));

create index schedule_calendar_idx on pgdispatch.schedule (calendar)
    where calendar is not null;

comment on column pgdispatch.schedule.calendar is
'Whose working days count for it; null: all days are alike.';
comment on column pgdispatch.schedule.on_free_day is
'What becomes of a time on a day that is free by its calendar: run, skip, or it is on the last '
'working day before or the first one after. Times that fall together are one.';
