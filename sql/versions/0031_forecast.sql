/*
 * The forecast: who makes it, the last one (unlogged: made anew within minutes), and what became of
 * earlier ones.
 * Locks: none that anybody waits for; all of it is new.
 */
create table pgdispatch.forecast_state (
    is_only boolean primary key default true,
    number bigint not null,
    node text,
    began_at timestamptz not null,
    ended_at timestamptz,
    period interval not null,
    problem text,
    made_at timestamptz,
    until timestamptz,
    runs integer,
    seconds real,
    checked_at timestamptz,
    calibration jsonb not null default '[]',
    constraint forecast_state_is_only_check check (is_only)
);

comment on table pgdispatch.forecast_state is
'Who makes the forecast, and what the last one was. One row, written by begin_forecast, '
'keep_forecast and end_forecast.';
comment on column pgdispatch.forecast_state.is_only is 'True; there is one row.';
comment on column pgdispatch.forecast_state.number is
'Counts the forecasts that were begun; whoever keeps or ends one must name the current one.';
comment on column pgdispatch.forecast_state.node is 'The node that makes it, or made the last.';
comment on column pgdispatch.forecast_state.began_at is 'When that began.';
comment on column pgdispatch.forecast_state.ended_at is
'When it was kept, or failed; null: it is being made.';
comment on column pgdispatch.forecast_state.period is
'After how long the next one is made, unless somebody looks; older than three of them, no row of '
'it is shown.';
comment on column pgdispatch.forecast_state.problem is
'Why the last one that was begun was not kept; null: it was.';
comment on column pgdispatch.forecast_state.made_at is
'The instant that the one in the tables is seen from; null: there has been none.';
comment on column pgdispatch.forecast_state.until is 'How far it looks ahead.';
comment on column pgdispatch.forecast_state.runs is 'How many simulated runs it was made of.';
comment on column pgdispatch.forecast_state.seconds is 'How much processor time it took.';
comment on column pgdispatch.forecast_state.checked_at is
'When forecasts were last compared with what happened, and some of them noted for that.';
comment on column pgdispatch.forecast_state.calibration is
'By how much intervals are widened, learnt then: see forecast_calibration.';

create table pgdispatch.forecast_look (
    is_only boolean primary key default true,
    looked_at timestamptz not null,
    constraint forecast_look_is_only_check check (is_only)
);

comment on table pgdispatch.forecast_look is
'When somebody last looked at the forecast, to half a minute. One row, written by '
'look_at_forecast.';
comment on column pgdispatch.forecast_look.is_only is 'True; there is one row.';
comment on column pgdispatch.forecast_look.looked_at is 'When that was.';

create unlogged table pgdispatch.forecast_job (
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

create index forecast_job_job_idx on pgdispatch.forecast_job (job);
create index forecast_job_task_idx on pgdispatch.forecast_job (task, scheduled_at);
create index forecast_job_schedule_idx on pgdispatch.forecast_job
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

create unlogged table pgdispatch.forecast_schedule (
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

create index forecast_schedule_idx on pgdispatch.forecast_schedule
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

create unlogged table pgdispatch.forecast_load (
    "at" timestamptz primary key,
    busy real not null,
    busy_high real not null,
    waiting real not null,
    waiting_high real not null,
    backgrounders integer not null,
    runs integer not null
);

comment on table pgdispatch.forecast_load is
'How full the coming 24 hours are, by quarter of an hour; the view load_ahead shows it unless it '
'is too old. Unlogged, replaced as a whole.';
comment on column pgdispatch.forecast_load.at is 'When the quarter of an hour begins.';
comment on column pgdispatch.forecast_load.busy is 'Busy backgrounders, on average.';
comment on column pgdispatch.forecast_load.busy_high is
'So many or fewer are busy in nine simulated runs of ten.';
comment on column pgdispatch.forecast_load.waiting is 'Waiting jobs, on average.';
comment on column pgdispatch.forecast_load.waiting_high is
'So many or fewer wait in nine simulated runs of ten.';
comment on column pgdispatch.forecast_load.backgrounders is
'How many backgrounders there were when the forecast was made.';
comment on column pgdispatch.forecast_load.runs is
'How many simulated runs this was taken from: fewer look beyond forecast_hours.';

create table pgdispatch.forecast_check (
    made_at timestamptz not null,
    job bigint,
    task bigint,
    scheduled_at timestamptz,
    site text not null,
    state text not null,
    due real not null,
    until real not null,
    starts_early real,
    starts real,
    starts_late real,
    starts_widened real not null,
    ends_early real,
    ends real,
    ends_late real,
    ends_widened real not null,
    skipped_chance real not null,
    late_chance real,
    late_after real not null,
    known_at timestamptz,
    started real,
    ended real,
    was_skipped boolean,
    was_disturbed boolean
);

create index forecast_check_made_idx on pgdispatch.forecast_check (made_at);
create index forecast_check_open_idx on pgdispatch.forecast_check (made_at)
    where known_at is null;

alter table pgdispatch.forecast_check replica identity full;

comment on table pgdispatch.forecast_check is
'Some rows of a forecast every quarter of an hour, with what really happened; kept for 14 days. '
'See the view forecast_quality. In seconds after made_at.';
comment on column pgdispatch.forecast_check.made_at is 'When the forecast was made.';
comment on column pgdispatch.forecast_check.job is 'The job; null: it was not created yet.';
comment on column pgdispatch.forecast_check.task is 'Its task, if any.';
comment on column pgdispatch.forecast_check.scheduled_at is 'The scheduled time, if any.';
comment on column pgdispatch.forecast_check.site is 'Site.';
comment on column pgdispatch.forecast_check.state is 'What it was then: running, waiting, coming.';
comment on column pgdispatch.forecast_check.due is
'When it was, or is, to start at best: its scheduled time, not_before, or when it was added.';
comment on column pgdispatch.forecast_check.until is 'How far the forecast looked ahead.';
comment on column pgdispatch.forecast_check.starts_early is
'Its start, as simulated: earlier in one of ten runs. Null: after the horizon.';
comment on column pgdispatch.forecast_check.starts is
'Its start, as simulated: earlier in one of two runs. Null: after the horizon.';
comment on column pgdispatch.forecast_check.starts_late is
'Its start, as simulated: later in one of ten runs. Null: after the horizon.';
comment on column pgdispatch.forecast_check.starts_widened is
'The interval that was shown is wider on either side by so many times its length and a minute.';
comment on column pgdispatch.forecast_check.ends_early is 'Likewise its end.';
comment on column pgdispatch.forecast_check.ends is 'Likewise its end.';
comment on column pgdispatch.forecast_check.ends_late is 'Likewise its end.';
comment on column pgdispatch.forecast_check.ends_widened is 'Likewise its end.';
comment on column pgdispatch.forecast_check.skipped_chance is
'The chance that was said of its making no job.';
comment on column pgdispatch.forecast_check.late_chance is
'The chance that was said of its being late.';
comment on column pgdispatch.forecast_check.late_after is 'After this it was late.';
comment on column pgdispatch.forecast_check.known_at is
'When it was found out what happened; null: not yet.';
comment on column pgdispatch.forecast_check.started is
'When it started first; null: it has not, or nobody knows.';
comment on column pgdispatch.forecast_check.ended is
'When it ended; null: it has not, or was tried again, which is another matter.';
comment on column pgdispatch.forecast_check.was_skipped is 'Whether it made no job.';
comment on column pgdispatch.forecast_check.was_disturbed is
'Whether somebody changed something meanwhile that may concern it; it is not counted then.';
