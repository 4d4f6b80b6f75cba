/*
 * When each waiting job and each coming occurrence starts and ends, with what confidence. Nothing
 * that is older than three periods is shown. Locks: none.
 */
create or replace view pgdispatch.forecast
with (security_invoker = true) as
select
    f.job,
    f.task,
    f.scheduled_at,
    f.type,
    f.site,
    coalesce(j.title, t.title) as title,
    f.schedule,
    f.linked_task,
    f.state,
    f.starts_early_at,
    f.starts_at,
    f.starts_late_at,
    f.ends_early_at,
    f.ends_at,
    f.ends_late_at,
    f.skipped_chance,
    f.late_chance,
    f.beyond,
    s.made_at,
    s.until,
    s.runs
from pgdispatch.forecast_state as s
join pgdispatch.forecast_job as f on true
left join pgdispatch.job as j on j.id = f.job
left join pgdispatch.task as t on t.id = f.task
where (select pgdispatch.now())
    between s.made_at - interval '1 minute' and s.made_at + 3 * s.period;

comment on view pgdispatch.forecast is
'When each job that waits, and each coming occurrence, starts and ends: in the middle (as likely '
'before as after), and between which instants with a chance of four in five; what runs, too. Empty '
'if the last forecast is older than three periods.';
comment on column pgdispatch.forecast.job is 'The job; null: it is not created yet.';
comment on column pgdispatch.forecast.task is 'Its task, if any.';
comment on column pgdispatch.forecast.scheduled_at is 'The scheduled time, if any.';
comment on column pgdispatch.forecast.type is 'Job type.';
comment on column pgdispatch.forecast.site is 'Site.';
comment on column pgdispatch.forecast.title is 'Name for people: its own, or its task''s.';
comment on column pgdispatch.forecast.schedule is 'The schedule it belongs to, if any.';
comment on column pgdispatch.forecast.linked_task is
'The linked task that it is a step of, if any.';
comment on column pgdispatch.forecast.state is
'What it was when the forecast was made: running, waiting, or coming (not created yet).';
comment on column pgdispatch.forecast.starts_early_at is
'It starts before this with a chance of one in ten. Null: not within the horizon.';
comment on column pgdispatch.forecast.starts_at is
'When it starts: as likely before as after. Null: not within the horizon, see beyond.';
comment on column pgdispatch.forecast.starts_late_at is
'It starts after this with a chance of one in ten. Null: this may be after the horizon.';
comment on column pgdispatch.forecast.ends_early_at is 'Likewise its end.';
comment on column pgdispatch.forecast.ends_at is 'Likewise its end.';
comment on column pgdispatch.forecast.ends_late_at is 'Likewise its end.';
comment on column pgdispatch.forecast.skipped_chance is
'The chance, 0 to 1, that this occurrence makes no job: its task still waits, or is suspended.';
comment on column pgdispatch.forecast.late_chance is
'The chance, 0 to 1, that it starts more than forecast_late_seconds after its time; null: it runs, '
'or that is after the horizon.';
comment on column pgdispatch.forecast.beyond is
'Why no start is said: what keeps it, or that it is after the horizon; null: one is.';
comment on column pgdispatch.forecast.made_at is 'The instant that the forecast is seen from.';
comment on column pgdispatch.forecast.until is 'How far it looks ahead.';
comment on column pgdispatch.forecast.runs is 'How many simulated runs it is made of.';
