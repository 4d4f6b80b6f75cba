/* The last forecast of each run of a schedule: of all of it, and of each site that has a part. */
create unlogged table if not exists pgdispatch.forecast_schedule (
    schedule text not null,
    scheduled_at timestamptz not null,
    site text,
    jobs integer not null,
    starts_early_at timestamptz,
    starts_at timestamptz,
    starts_late_at timestamptz,
    ends_early_at timestamptz,
    ends_at timestamptz,
    ends_late_at timestamptz,
    late_chance real,
    last_task bigint,
    last_job bigint,
    last_chance real
);

create index if not exists forecast_schedule_idx on pgdispatch.forecast_schedule
    (schedule, scheduled_at);

alter table pgdispatch.forecast_schedule replica identity full;

comment on table pgdispatch.forecast_schedule is
'The last forecast of each run of a schedule within the horizon; the view schedule_forecast shows '
'it unless it is too old. Unlogged, replaced as a whole.';
comment on column pgdispatch.forecast_schedule.schedule is 'The schedule.';
comment on column pgdispatch.forecast_schedule.scheduled_at is 'The scheduled time of the run.';
comment on column pgdispatch.forecast_schedule.site is
'The site whose jobs of it are meant; null: all jobs, of all sites.';
comment on column pgdispatch.forecast_schedule.jobs is
'How many jobs it is, of those that have not ended.';
comment on column pgdispatch.forecast_schedule.starts_early_at is
'The first of them starts before this with a chance of one in ten. Null: not within the horizon, '
'or one has started.';
comment on column pgdispatch.forecast_schedule.starts_at is
'When the first of them starts: as likely before as after.';
comment on column pgdispatch.forecast_schedule.starts_late_at is
'The first of them starts after this with a chance of one in ten.';
comment on column pgdispatch.forecast_schedule.ends_early_at is
'The last of them ends before this with a chance of one in ten. Null: not within the horizon.';
comment on column pgdispatch.forecast_schedule.ends_at is
'When the last of them ends: as likely before as after. Null: not within the horizon.';
comment on column pgdispatch.forecast_schedule.ends_late_at is
'The last of them ends after this with a chance of one in ten. Null: maybe after the horizon.';
comment on column pgdispatch.forecast_schedule.late_chance is
'The chance, 0 to 1, that one of them starts more than forecast_late_seconds after its time; null: '
'that is after the horizon.';
comment on column pgdispatch.forecast_schedule.last_task is
'The task whose job decides the end: it ends last more often than any other.';
comment on column pgdispatch.forecast_schedule.last_job is
'That job; null: it is not created yet.';
comment on column pgdispatch.forecast_schedule.last_chance is
'The share of simulated runs, 0 to 1, in which it is the last.';
