/*
 * When nothing new starts, or a schedule has no times. Claims do not read it: they keep what holds
 * now in the table due, see apply_pauses, and in the types of a node.
 */
create table if not exists pgdispatch.closed_window (
    name text primary key,
    scope text not null,
    target text not null,
    recurrence text,
    lasts interval,
    time_zone text not null default 'UTC',
    calendar text,
    on_free_day text not null default 'run',
    from_at timestamptz,
    to_at timestamptz,
    drain_before interval,
    run_at_end boolean not null default false,
    reason text,
    enabled boolean not null default true,
    opens_at timestamptz,
    closes_at timestamptz,
    created_by text not null default session_user,
    created_at timestamptz not null default pg_catalog.now(),
    is_confined boolean not null default false,
    constraint closed_window_name_check check (length(name) between 1 and 200),
    constraint closed_window_scope_check check (scope in ('site', 'type', 'schedule', 'node')),
    constraint closed_window_lasts_check check (lasts between '1 min' and '31 days'),
    constraint closed_window_drain_before_check check (drain_before between '0' and '7 days'),
    constraint closed_window_reason_check check (length(reason) between 1 and 2000),
    constraint closed_window_on_free_day_check
    check (on_free_day in ('run', 'skip', 'before', 'after')),
    constraint closed_window_calendar_fkey
    foreign key (calendar) references pgdispatch.calendar (name) on update cascade
);

create index if not exists closed_window_target_idx on pgdispatch.closed_window (scope, target);

comment on table pgdispatch.closed_window is
'When nothing new starts: for a site, a job type or a node; or when a schedule has no times. Again '
'and again by a recurrence, or once from an instant to another. Jobs that wait keep their places, '
'those that run go on. See the view window_status; a pause of a person and a window do not end '
'each other.';
comment on column pgdispatch.closed_window.name is 'Unique name, up to 200 characters.';
comment on column pgdispatch.closed_window.scope is
'What is closed: a site, type or node, or a schedule''s times.';
comment on column pgdispatch.closed_window.target is 'Which site, type, schedule or node.';
comment on column pgdispatch.closed_window.recurrence is
'When it opens, in words, as for a schedule; null: once, at from_at.';
comment on column pgdispatch.closed_window.lasts is
'With a recurrence, how long, from a minute to 31 days, by the clocks of its zone: 8 hours from '
'22:00 on end at 06:00, also on change-over days.';
comment on column pgdispatch.closed_window.time_zone is
'IANA name of the time zone in which the recurrence counts.';
comment on column pgdispatch.closed_window.calendar is
'Whose working days count for the recurrence; null: all days are alike.';
comment on column pgdispatch.closed_window.on_free_day is
'What becomes of an opening on a free day by its calendar: run, skip, before or after.';
comment on column pgdispatch.closed_window.from_at is 'Without a recurrence: since when.';
comment on column pgdispatch.closed_window.to_at is 'Without a recurrence: until when.';
comment on column pgdispatch.closed_window.drain_before is
'Of a node: so long before it takes no new jobs, so that none runs into the window; up to 7 days.';
comment on column pgdispatch.closed_window.run_at_end is
'Of a schedule: its times within the window are one at its end; false: they are skipped.';
comment on column pgdispatch.closed_window.reason is 'Why, up to 2000 characters.';
comment on column pgdispatch.closed_window.enabled is 'Whether it counts.';
comment on column pgdispatch.closed_window.opens_at is
'When it has opened, if it is open, else when it opens next; null: never. Filled in by the '
'database.';
comment on column pgdispatch.closed_window.closes_at is 'When that ends.';
comment on column pgdispatch.closed_window.created_by is 'Who added it.';
comment on column pgdispatch.closed_window.created_at is 'When.';
comment on column pgdispatch.closed_window.is_confined is
'Whether whoever added it is confined to sites; others of the site may then change it.';
