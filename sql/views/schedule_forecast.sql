/*
 * When each coming run of a schedule starts and ends. Whoever is confined to sites sees the part of
 * these, others the whole. Nothing that is older than three periods is shown. Locks: none.
 */
create or replace view pgdispatch.schedule_forecast
with (security_invoker = true) as
select
    f.schedule,
    f.scheduled_at,
    f.site,
    f.jobs,
    f.starts_early_at,
    f.starts_at,
    f.starts_late_at,
    f.ends_early_at,
    f.ends_at,
    f.ends_late_at,
    f.late_chance,
    f.last_task,
    f.last_job,
    coalesce(j.title, t.title) as last_title,
    f.last_chance,
    s.made_at,
    s.until,
    s.runs
from pgdispatch.forecast_state as s
join pgdispatch.forecast_schedule as f
    on (f.site is null) = ((select pgdispatch.own_sites()) is null)
left join pgdispatch.job as j on j.id = f.last_job
left join pgdispatch.task as t on t.id = f.last_task
where (select pgdispatch.now())
    between s.made_at - interval '1 minute' and s.made_at + 3 * s.period;

comment on view pgdispatch.schedule_forecast is
'For each coming run of a schedule when its first job starts and its last one ends, and which one '
'that is; of a run that goes on what is left of it. Empty if the last forecast is older than three '
'periods.';
comment on column pgdispatch.schedule_forecast.schedule is 'The schedule.';
comment on column pgdispatch.schedule_forecast.scheduled_at is 'The scheduled time of the run.';
comment on column pgdispatch.schedule_forecast.site is
'The site whose jobs of it are meant, for whoever is confined to sites; null: all jobs.';
comment on column pgdispatch.schedule_forecast.jobs is
'How many jobs it is, of those that have not ended.';
comment on column pgdispatch.schedule_forecast.starts_early_at is
'The first of them starts before this with a chance of one in ten. Null: not within the horizon, '
'or one has started.';
comment on column pgdispatch.schedule_forecast.starts_at is
'When the first of them starts: as likely before as after.';
comment on column pgdispatch.schedule_forecast.starts_late_at is
'The first of them starts after this with a chance of one in ten.';
comment on column pgdispatch.schedule_forecast.ends_early_at is
'The last of them ends before this with a chance of one in ten. Null: not within the horizon.';
comment on column pgdispatch.schedule_forecast.ends_at is
'When the last of them ends: as likely before as after. Null: not within the horizon.';
comment on column pgdispatch.schedule_forecast.ends_late_at is
'The last of them ends after this with a chance of one in ten. Null: maybe after the horizon.';
comment on column pgdispatch.schedule_forecast.late_chance is
'The chance, 0 to 1, that one of them starts more than forecast_late_seconds after its time; null: '
'that is after the horizon.';
comment on column pgdispatch.schedule_forecast.last_task is
'The task whose job decides the end: it ends last more often than any other.';
comment on column pgdispatch.schedule_forecast.last_job is
'That job; null: it is not created yet.';
comment on column pgdispatch.schedule_forecast.last_title is 'Its name for people.';
comment on column pgdispatch.schedule_forecast.last_chance is
'The share of simulated runs, 0 to 1, in which it is the last.';
comment on column pgdispatch.schedule_forecast.made_at is
'The instant that the forecast is seen from.';
comment on column pgdispatch.schedule_forecast.until is 'How far it looks ahead.';
comment on column pgdispatch.schedule_forecast.runs is
'How many simulated runs it is made of.';
