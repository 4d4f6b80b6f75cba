/* One row for each day of a calendar that is not what its weekday says. */
create table if not exists pgdispatch.calendar_day (
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
