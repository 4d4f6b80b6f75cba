/* The first of next_runs. */
create or replace function pgdispatch.next_run(
    p_recurrence text,
    p_time_zone text,
    p_after timestamptz,
    p_calendar text default null,
    p_on_free_day text default 'run'
)
returns timestamptz
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select (pgdispatch.next_runs(
        p_recurrence, p_time_zone, p_after, 1, p_calendar, p_on_free_day
    ))[1]
$$;

comment on function pgdispatch.next_run(text, text, timestamptz, text, text) is
'The next run of a recurrence in a time zone, strictly after an instant, by a calendar as '
'next_runs takes it.';
