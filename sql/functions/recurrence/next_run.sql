/* The first of next_runs. */
create or replace function pgdispatch.next_run(
    p_recurrence text,
    p_time_zone text,
    p_after timestamptz
)
returns timestamptz
language sql
stable
strict
security definer
set search_path = pg_catalog, pg_temp
as $$
    select (pgdispatch.next_runs(p_recurrence, p_time_zone, p_after, 1))[1]
$$;

comment on function pgdispatch.next_run(text, text, timestamptz) is
'The next run of a recurrence in a time zone, strictly after an instant.';
