/* The schedules: when each runs next, with what priority, and what hangs on it. Takes no lock. */
create or replace view pgdispatch.schedule_status
with (security_invoker = true) as
select
    s.name as schedule,
    s.priority,
    s.execution,
    s.enabled,
    s.recurrence,
    s.time_zone,
    s.missed_runs,
    s.next_run_at,
    case
        when s.enabled
            then pgdispatch.schedule_runs(s, pgdispatch.now(), 5)
    end as next_runs,
    t.tasks,
    (
        select count(*)
        from pgdispatch.linked_task as l
        where l.schedule = s.name
    ) as linked_tasks,
    t.suspended,
    s.last_run_at,
    case
        when s.last_error is null or pgdispatch.own_sites() is null then s.last_error
        else 'its jobs could not be created, an operator of all sites sees why'
    end as last_error,
    (
        select array_agg(run order by run)
        from unnest(s.served_ahead) as run
        where run > pgdispatch.now()
    ) as served_ahead,
    s.is_custom,
    s.max_missed_runs,
    s.calendar,
    s.on_free_day
from pgdispatch.schedule as s
cross join lateral (
    select
        count(*) as tasks,
        count(p.task) as suspended
    from pgdispatch.task as k
    left join pgdispatch.suspension as p
        on p.task = k.id
        and p.streak_since is not distinct from k.streak_since
    where k.schedule = s.name
) as t
order by s.name;

comment on view pgdispatch.schedule_status is
'Each schedule, by name, with its next runs, its priority and execution, and how many tasks it '
'has.';
comment on column pgdispatch.schedule_status.schedule is 'Its name.';
comment on column pgdispatch.schedule_status.priority is
'1 (highest) to 100. Extract and flow tasks take it over when they are created.';
comment on column pgdispatch.schedule_status.execution is
'parallel, or serial: its jobs run one at a time in the whole cluster. A change holds at once for '
'those that wait.';
comment on column pgdispatch.schedule_status.enabled is 'Whether it creates jobs.';
comment on column pgdispatch.schedule_status.recurrence is
'When it runs, in words, for example daily at 02:30; null: only when fired or run by hand.';
comment on column pgdispatch.schedule_status.time_zone is
'IANA name of the time zone in which the recurrence counts.';
comment on column pgdispatch.schedule_status.missed_runs is
'What becomes of scheduled times that nobody was up for: skip, once (only the last) or all.';
comment on column pgdispatch.schedule_status.next_run_at is
'Its next scheduled time; null: disabled or without recurrence.';
comment on column pgdispatch.schedule_status.next_runs is
'The next five run times from now; null: disabled or without recurrence.';
comment on column pgdispatch.schedule_status.tasks is
'How many tasks it has, disabled and suspended ones included.';
comment on column pgdispatch.schedule_status.linked_tasks is
'How many linked tasks it has, disabled ones included.';
comment on column pgdispatch.schedule_status.suspended is 'How many of its tasks are suspended.';
comment on column pgdispatch.schedule_status.last_run_at is
'The last scheduled time it was fired for.';
comment on column pgdispatch.schedule_status.last_error is
'Why the clock could not create its jobs the last time; null: it could. People confined to sites '
'are told that it could not: why may name what is of others.';
comment on column pgdispatch.schedule_status.served_ahead is
'Times ahead for which it was fired early: their runs have been served; null: none.';
comment on column pgdispatch.schedule_status.is_custom is
'Made by a user for one subscription or alert: its jobs have priority 50.';
comment on column pgdispatch.schedule_status.max_missed_runs is
'With missed_runs all: so many at most, the latest ones; with skip so many are recorded.';
comment on column pgdispatch.schedule_status.calendar is
'Whose working days count for it; null: all days are alike.';
comment on column pgdispatch.schedule_status.on_free_day is
'What becomes of a time on a day that is free by its calendar: run, skip, or it is on the last '
'working day before or the first one after.';
