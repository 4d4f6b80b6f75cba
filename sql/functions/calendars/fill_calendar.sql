/* Trigger: refuses what is wrong with a calendar, and puts its weekdays in order. */
create or replace function pgdispatch.fill_calendar()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_week constant text[] := array['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
    v_given constant text[] := array(
        select left(lower(btrim(w)), 3) from unnest(new.working_weekdays) as w
    );
    v_odd text;
begin
    if tg_op = 'INSERT' or new.time_zone is distinct from old.time_zone then
        perform pgdispatch.check_time_zone(new.time_zone);
    end if;
    select w
    into v_odd
    from unnest(new.working_weekdays) as w
    where lower(btrim(w))
        !~ '^((mon|fri|sun)(day)?|tue(sday)?|wed(nesday)?|thu(rsday)?|sat(urday)?)$';
    if found then
        perform pgdispatch.refuse(
            format('there is no weekday %L', left(v_odd, 40)),
            'use mon, tue, wed, thu, fri, sat, sun'
        );
    end if;
    new.working_weekdays := array(select w from unnest(v_week) as w where w = any (v_given));
    return new;
end
$$;

comment on function pgdispatch.fill_calendar() is
'Trigger: puts the weekdays of a calendar in order, and refuses what is wrong with a hint (JD001).';

create or replace trigger fill_calendar
before insert or update on pgdispatch.calendar
for each row execute function pgdispatch.fill_calendar();

comment on trigger fill_calendar on pgdispatch.calendar is 'Fills and checks each calendar.';
