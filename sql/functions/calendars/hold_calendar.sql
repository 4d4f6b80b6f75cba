/*
 * Trigger: before a calendar or its days change, the schedules that go by it stand still: the clock
 * passes over them until the change has been committed, and then finds next_run_at set anew.
 * Locks: these schedules, then the calendar: in the order of whoever edits a schedule.
 * Rivals: who gives a schedule this calendar meanwhile waits for the calendar, see fill_schedule;
 * whoever has done so already is waited for here, and then apply_calendar sees that schedule, too.
 */
create or replace function pgdispatch.hold_calendar()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_row constant jsonb := to_jsonb(coalesce(new, old));
    v_name constant text := coalesce(v_row ->> 'calendar', v_row ->> 'name');
begin
    perform from pgdispatch.schedule where calendar = v_name order by id for no key update;
    perform from pgdispatch.calendar where name = v_name for no key update;
    return coalesce(new, old);
end
$$;

comment on function pgdispatch.hold_calendar() is
'Trigger: holds the schedules that go by a calendar while its days are changed.';

create or replace trigger hold_calendar
before insert or update or delete on pgdispatch.calendar_day
for each row execute function pgdispatch.hold_calendar();

comment on trigger hold_calendar on pgdispatch.calendar_day is
'Holds the schedules that go by the calendar.';
