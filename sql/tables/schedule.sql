/* When tasks run, with what priority, and whether its jobs run side by side. */
create table if not exists pgdispatch.schedule (
    id bigint generated always as identity,
    name text primary key,
    priority smallint not null default 50,
    execution text not null default 'parallel',
    is_custom boolean not null default false,
    enabled boolean not null default true,
    recurrence text,
    time_zone text not null default 'UTC',
    missed_runs text not null default 'once',
    max_missed_runs integer not null default 10,
    next_run_at timestamptz,
    last_run_at timestamptz,
    last_error text,
    put_off_until timestamptz,
    created_at timestamptz not null default pg_catalog.now(),
    firing_for timestamptz[],
    fired_task bigint,
    fired_linked_task bigint,
    served_ahead timestamptz[],
    missed_for timestamptz[],
    calendar text,
    on_free_day text not null default 'run',
    constraint schedule_id_key unique (id),
    constraint schedule_name_check check (length(name) between 1 and 200),
    constraint schedule_priority_check check (priority between 1 and 100),
    constraint schedule_execution_check check (execution in ('parallel', 'serial')),
    constraint schedule_missed_runs_check check (missed_runs in ('skip', 'once', 'all')),
    constraint schedule_max_missed_runs_check check (max_missed_runs between 1 and 100),
    constraint schedule_calendar_fkey
    foreign key (calendar) references pgdispatch.calendar (name) on update cascade,
    constraint schedule_on_free_day_check
    check (on_free_day in ('run', 'skip', 'before', 'after'))
);

create index if not exists schedule_next_run_idx on pgdispatch.schedule (next_run_at)
    where next_run_at is not null;

create index if not exists schedule_calendar_idx on pgdispatch.schedule (calendar)
    where calendar is not null;

comment on table pgdispatch.schedule is
'When tasks run, with what priority, and whether their jobs run in parallel or one at a time. The '
'clock writes next_run_at, last_run_at, last_error, put_off_until, and the columns from firing_for '
'on.';
comment on column pgdispatch.schedule.id is 'Number of the schedule.';
comment on column pgdispatch.schedule.name is 'Unique name, up to 200 characters.';
comment on column pgdispatch.schedule.priority is
'1 (highest) to 100. Extract and flow tasks take it over when they are created.';
comment on column pgdispatch.schedule.execution is
'parallel, or serial: its jobs run one at a time in the whole cluster. A change holds at once for '
'those that wait.';
comment on column pgdispatch.schedule.is_custom is
'Made by a user for one subscription or alert: its jobs have priority 50.';
comment on column pgdispatch.schedule.enabled is 'Whether it creates jobs.';
comment on column pgdispatch.schedule.recurrence is
'When it runs, in words, for example daily at 02:30; null: only when fired or run by hand.';
comment on column pgdispatch.schedule.time_zone is
'IANA name of the time zone in which the recurrence counts.';
comment on column pgdispatch.schedule.missed_runs is
'What becomes of scheduled times that nobody was up for: skip, once (only the last) or all.';
comment on column pgdispatch.schedule.max_missed_runs is
'With missed_runs all: so many at most, the latest ones; with skip so many are recorded.';
comment on column pgdispatch.schedule.next_run_at is
'Its next scheduled time; null: disabled or without recurrence. Filled in by the database.';
comment on column pgdispatch.schedule.last_run_at is 'The last scheduled time it was fired for.';
comment on column pgdispatch.schedule.last_error is
'Why the clock could not create its jobs the last time; null: it could.';
comment on column pgdispatch.schedule.put_off_until is
'After such an error, or a part of a long fire: others that are due come first, and the clock does '
'not go on before this.';
comment on column pgdispatch.schedule.created_at is 'When it was added.';
comment on column pgdispatch.schedule.firing_for is
'The scheduled times that the clock is firing it for, part by part; null: none.';
comment on column pgdispatch.schedule.fired_task is
'The last task that has had these times; null: all have.';
comment on column pgdispatch.schedule.fired_linked_task is
'The last linked task that has had them; they come after the tasks.';
comment on column pgdispatch.schedule.served_ahead is
'Times ahead for which it was fired early: at that time no task gets a second job.';
comment on column pgdispatch.schedule.missed_for is
'The missed times that are being recorded along with these; null: none.';
comment on column pgdispatch.schedule.calendar is
'Whose working days count for it; null: all days are alike.';
comment on column pgdispatch.schedule.on_free_day is
'What becomes of a time on a day that is free by its calendar: run, skip, or it is on the last '
'working day before or the first one after. Times that fall together are one.';

create sequence if not exists pgdispatch.schedule_in_hand;

comment on sequence pgdispatch.schedule_in_hand is
'Number of the schedule that the clock fires; keeps it even if that is rolled back. Not called: '
'the clock has ended that.';
