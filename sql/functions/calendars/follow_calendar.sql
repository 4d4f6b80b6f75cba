/* Trigger: other working weekdays hold at once. Locks: as apply_calendar. */
create or replace function pgdispatch.follow_calendar()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform pgdispatch.apply_calendar(array[new.name]);
    return null;
end
$$;

comment on function pgdispatch.follow_calendar() is
'Trigger: sets the next run of the schedules anew that go by a calendar.';

create or replace trigger follow_calendar
after update of working_weekdays on pgdispatch.calendar
for each row
when (old.working_weekdays is distinct from new.working_weekdays)
execute function pgdispatch.follow_calendar();

comment on trigger follow_calendar on pgdispatch.calendar is
'Sets the next run of its schedules anew.';
