/*
 * The last forecast, a row for each job that waits or runs and each coming occurrence. Unlogged: it
 * is made anew within minutes, whole, by keep_forecast. Read the view forecast, which shows nothing
 * that is too old.
 */
create unlogged table if not exists pgdispatch.forecast_job (
    job bigint,
    task bigint,
    scheduled_at timestamptz,
    type text not null,
    site text not null,
    schedule text,
    linked_task bigint,
    state text not null,
    starts_early_at timestamptz,
    starts_at timestamptz,
    starts_late_at timestamptz,
    ends_early_at timestamptz,
    ends_at timestamptz,
    ends_late_at timestamptz,
    skipped_chance real not null,
    late_chance real,
    beyond text,
    constraint forecast_job_state_check check (state in ('running', 'waiting', 'coming'))
);

create index if not exists forecast_job_job_idx on pgdispatch.forecast_job (job);
create index if not exists forecast_job_task_idx on pgdispatch.forecast_job (task, scheduled_at);
create index if not exists forecast_job_schedule_idx on pgdispatch.forecast_job
    (schedule, scheduled_at);

alter table pgdispatch.forecast_job replica identity full;

comment on table pgdispatch.forecast_job is
'The last forecast of each job that waits or runs, and of each coming occurrence; the view '
'forecast shows it unless it is too old. Unlogged, replaced as a whole.';
comment on column pgdispatch.forecast_job.job is 'The job; null: it is not created yet.';
comment on column pgdispatch.forecast_job.task is 'Its task, if any.';
comment on column pgdispatch.forecast_job.scheduled_at is 'The scheduled time, if any.';
comment on column pgdispatch.forecast_job.type is 'Job type.';
comment on column pgdispatch.forecast_job.site is 'Site.';
comment on column pgdispatch.forecast_job.schedule is 'The schedule it belongs to, if any.';
comment on column pgdispatch.forecast_job.linked_task is
'The linked task that it is a step of, if any.';
comment on column pgdispatch.forecast_job.state is
'What it was when the forecast was made: running, waiting, or coming (not created yet).';
comment on column pgdispatch.forecast_job.starts_early_at is
'It starts before this with a chance of one in ten. Null: not within the horizon.';
comment on column pgdispatch.forecast_job.starts_at is
'When it starts: as likely before as after. Null: not within the horizon.';
comment on column pgdispatch.forecast_job.starts_late_at is
'It starts after this with a chance of one in ten. Null: this may be after the horizon.';
comment on column pgdispatch.forecast_job.ends_early_at is 'Likewise its end.';
comment on column pgdispatch.forecast_job.ends_at is 'Likewise its end.';
comment on column pgdispatch.forecast_job.ends_late_at is 'Likewise its end.';
comment on column pgdispatch.forecast_job.skipped_chance is
'The chance, 0 to 1, that this occurrence makes no job: its task still waits, or is suspended.';
comment on column pgdispatch.forecast_job.late_chance is
'The chance, 0 to 1, that it starts more than forecast_late_seconds after its time; null: it runs, '
'or that is after the horizon.';
comment on column pgdispatch.forecast_job.beyond is
'Why no start is said: what keeps it, or that it is after the horizon; null: one is.';
