/*
 * Sets the next run of each schedule anew that goes by one of these calendars. A time that is due
 * already and was not served yet stays due. Closed windows are open when they say it is.
 * Locks: the schedules; see hold_calendar.
 */
create or replace function pgdispatch.apply_calendar(p_calendars text[])
returns void
language plpgsql
as $$
begin
    perform
    from pgdispatch.schedule
    where calendar = any (p_calendars)
    order by id
    for no key update;
    update pgdispatch.schedule as s
    set next_run_at = (pgdispatch.schedule_runs(s, pgdispatch.now(), 1))[1]
    where s.calendar = any (p_calendars)
        and s.enabled
        and s.recurrence is not null
        and (s.next_run_at > pgdispatch.now()) is not false;
    update pgdispatch.closed_window set opens_at = null where calendar = any (p_calendars);
end
$$;

comment on function pgdispatch.apply_calendar(text[]) is
'Sets the next run of each schedule anew that goes by one of these calendars.';
