/* The closed windows: open ones first, then those that open next. Takes no lock. */
create or replace view pgdispatch.window_status
with (security_invoker = true) as
select
    w.name as closed_window,
    w.scope,
    w.target,
    case
        when not w.enabled then 'disabled'
        when w.opens_at is null or w.closes_at <= c.now then 'over'
        when w.opens_at <= c.now then 'open'
        when w.opens_at - w.drain_before <= c.now then 'draining'
        else 'to come'
    end as state,
    w.opens_at,
    w.closes_at,
    w.recurrence,
    w.lasts,
    w.time_zone,
    w.calendar,
    w.on_free_day,
    w.drain_before,
    w.run_at_end,
    w.reason,
    w.created_by,
    w.created_at,
    w.enabled,
    w.is_confined
from pgdispatch.closed_window as w
cross join (select pgdispatch.now() as now) as c
order by
    w.opens_at nulls last,
    w.name;

comment on view pgdispatch.window_status is
'Each closed window: whether it is open, since when or when it opens next, and until when.';
comment on column pgdispatch.window_status.closed_window is 'Its name.';
comment on column pgdispatch.window_status.scope is
'What is closed: a site, type or node, or a schedule''s times.';
comment on column pgdispatch.window_status.target is 'Which site, type, schedule or node.';
comment on column pgdispatch.window_status.state is
'open; draining (its node takes no new jobs already); to come; over (it never opens again); or '
'disabled.';
comment on column pgdispatch.window_status.opens_at is
'When it has opened, if it is open, else when it opens next; null: never.';
comment on column pgdispatch.window_status.closes_at is 'When that ends.';
comment on column pgdispatch.window_status.recurrence is
'When it opens, in words, as for a schedule; null: once.';
comment on column pgdispatch.window_status.lasts is 'With a recurrence, how long.';
comment on column pgdispatch.window_status.time_zone is
'IANA name of the time zone in which the recurrence counts.';
comment on column pgdispatch.window_status.calendar is
'Whose working days count for the recurrence; null: all days are alike.';
comment on column pgdispatch.window_status.on_free_day is
'What becomes of an opening on a free day by its calendar: run, skip, before or after.';
comment on column pgdispatch.window_status.drain_before is
'Of a node: so long before it takes no new jobs.';
comment on column pgdispatch.window_status.run_at_end is
'Of a schedule: its times within the window are one at its end; false: they are skipped.';
comment on column pgdispatch.window_status.reason is 'Why.';
comment on column pgdispatch.window_status.created_by is 'Who added it.';
comment on column pgdispatch.window_status.created_at is 'When.';
comment on column pgdispatch.window_status.enabled is 'Whether it counts.';
comment on column pgdispatch.window_status.is_confined is
'Whether whoever added it is confined to sites; others of the site may then change it.';
