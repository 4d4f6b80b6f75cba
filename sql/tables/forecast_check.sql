/*
 * Forecasts as they were, thinned, each beside what happened then: what forecast_quality shows, and
 * what intervals are widened by. All in seconds after made_at; the interval as it was simulated,
 * and by how much it was widened before it was shown.
 */
create table if not exists pgdispatch.forecast_check (
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

create index if not exists forecast_check_made_idx on pgdispatch.forecast_check (made_at);
create index if not exists forecast_check_open_idx on pgdispatch.forecast_check (made_at)
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
