/*
 * Trigger: refuses what is wrong with a schedule, and works out when it runs next.
 * Locks: its calendar, shared: whoever edits that comes before or after it.
 */
create or replace function pgdispatch.fill_schedule()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if new.priority not between 1 and 100 then
        perform pgdispatch.refuse(
            format('priority %s is not between 1 and 100', new.priority),
            'use 1 (highest) to 100, or leave it out for 50'
        );
    elsif new.execution not in ('parallel', 'serial') then
        perform pgdispatch.refuse(
            format('execution cannot be %L', left(new.execution, 40)), 'use parallel or serial'
        );
    elsif new.missed_runs not in ('skip', 'once', 'all') then
        perform pgdispatch.refuse(
            format('missed_runs cannot be %L', left(new.missed_runs, 40)),
            'use skip, once or all'
        );
    elsif new.max_missed_runs not between 1 and 100 then
        perform pgdispatch.refuse(
            format('max_missed_runs %s is not between 1 and 100', new.max_missed_runs),
            'use 1 to 100, or leave it out for 10'
        );
    elsif new.execution = 'serial'
        and exists (select from pgdispatch.linked_task where schedule = new.name) then
        perform pgdispatch.refuse(
            format('schedule %s runs linked tasks, so it cannot be serial', new.name),
            'move its linked tasks to another schedule first'
        );
    end if;
    if tg_op = 'INSERT' or new.time_zone is distinct from old.time_zone then
        perform pgdispatch.check_time_zone(new.time_zone);
    end if;
    if new.recurrence is not null then
        perform pgdispatch.parse_recurrence(new.recurrence);
    end if;
    if tg_op = 'UPDATE' and old.calendar <> new.calendar
        and not exists (select from pgdispatch.calendar where name = old.calendar) then
        return new;  -- it was renamed, and the key carries it along
    elsif tg_op = 'INSERT'
        or (old.recurrence, old.time_zone, old.enabled, old.calendar, old.on_free_day)
        is distinct from
        (new.recurrence, new.time_zone, new.enabled, new.calendar, new.on_free_day) then
        perform from pgdispatch.calendar where name = new.calendar for share;
        perform pgdispatch.check_calendar(new.calendar, new.on_free_day, new.recurrence);
        new.next_run_at := case
            when new.enabled then (pgdispatch.schedule_runs(new, pgdispatch.now(), 1))[1]
        end;
        new.put_off_until := null;
        new.last_error := null;
    end if;
    if not new.enabled then
        new.firing_for := null;
        new.missed_for := null;
        new.fired_task := null;
        new.fired_linked_task := null;
    end if;
    return new;
end
$$;

comment on function pgdispatch.fill_schedule() is
'Trigger: fills in next_run_at when a schedule is added, enabled or given another recurrence, '
'zone or calendar, and refuses what is wrong with a hint (JD001).';

create or replace trigger fill_schedule
before insert or update on pgdispatch.schedule
for each row execute function pgdispatch.fill_schedule();

comment on trigger fill_schedule on pgdispatch.schedule is 'Fills in next_run_at and checks.';
