/*
 * The schedules under the column names of Tableau Server's view _schedules. What its kinds of
 * recurrence cannot say (cron, the last day, the second Tuesday) is null. Takes no lock.
 */
create or replace view pgdispatch._schedules
with (security_invoker = true) as
select
    s.id,
    s.name,
    s.enabled as active,
    s.priority::integer as priority,
    m.schedule_type,
    m.day_of_week_mask,
    m.day_of_month_mask,
    m.start_at_minute,
    m.minute_interval,
    m.end_at_minute,
    null::timestamp as end_schedule_at,
    s.next_run_at at time zone 'UTC' as run_next_at,
    s.created_at at time zone 'UTC' as created_at,
    coalesce(s.last_run_at, s.created_at) at time zone 'UTC' as updated_at,
    s.is_custom as hidden,
    case s.execution when 'serial' then s.id end as serial_collection_id,
    null::integer as lock_version,
    null::integer as scheduled_action,
    null::text as scheduled_action_type,
    md5('pgdispatch schedule ' || s.id)::uuid as luid
from pgdispatch.schedule as s
left join lateral pgdispatch.recurrence_masks(s.recurrence) as m on true;

comment on view pgdispatch._schedules is
'The schedules as Tableau Server''s view _schedules shows them; times are UTC, minutes are local.';
comment on column pgdispatch._schedules.id is 'Number of the schedule.';
comment on column pgdispatch._schedules.name is 'Its name.';
comment on column pgdispatch._schedules.active is 'Whether it creates jobs.';
comment on column pgdispatch._schedules.priority is '1 (highest) to 100.';
comment on column pgdispatch._schedules.schedule_type is
'0: every so often, 1: daily, 2: weekly, 3: monthly; null: cron or none.';
comment on column pgdispatch._schedules.day_of_week_mask is
'The days of a weekly one, added up: Sunday 1, Monday 2, Tuesday 4 …';
comment on column pgdispatch._schedules.day_of_month_mask is
'The days of a monthly one, added up: the 1st 1, the 2nd 2, the 3rd 4 …; null: others, too.';
comment on column pgdispatch._schedules.start_at_minute is
'Its first time of day, in minutes after midnight in its time zone; null: cron.';
comment on column pgdispatch._schedules.minute_interval is
'Minutes from one run to the next, if it runs every so often.';
comment on column pgdispatch._schedules.end_at_minute is
'Its last time of day, if it runs every so often.';
comment on column pgdispatch._schedules.end_schedule_at is 'Null: there is nothing like it here.';
comment on column pgdispatch._schedules.run_next_at is 'Its next scheduled time; UTC.';
comment on column pgdispatch._schedules.created_at is 'When it was added; UTC.';
comment on column pgdispatch._schedules.updated_at is 'When it last ran, or was added; UTC.';
comment on column pgdispatch._schedules.hidden is
'Whether a user made it for one subscription or alert.';
comment on column pgdispatch._schedules.serial_collection_id is
'Its number if it is serial now, else null.';
comment on column pgdispatch._schedules.lock_version is 'Null: there is nothing like it here.';
comment on column pgdispatch._schedules.scheduled_action is
'Null: tasks of all types may share a schedule.';
comment on column pgdispatch._schedules.scheduled_action_type is 'Null, likewise.';
comment on column pgdispatch._schedules.luid is
'A unique identifier, always the same for one schedule.';
