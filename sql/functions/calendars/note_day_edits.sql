/*
 * Trigger: what one statement has done to days of calendars holds at once for their schedules, and
 * is noted as one change of each calendar. What goes with a calendar that is deleted, or follows
 * one that is renamed, is noted there.
 * Locks: as apply_calendar.
 */
create or replace function pgdispatch.note_day_edits()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_old pgdispatch.calendar_day[] := '{}';
    v_new pgdispatch.calendar_day[] := '{}';
    v_edited text[];
begin
    if tg_op <> 'INSERT' then
        v_old := array(select o from old_rows as o);
    end if;
    if tg_op <> 'DELETE' then
        v_new := array(select n from new_rows as n);
    end if;
    if exists (
        select
        from unnest(v_old) as o
        where o.calendar not in (select name from pgdispatch.calendar)
    ) then
        return null;
    end if;
    v_edited := array(select distinct e.calendar from unnest(v_old || v_new) as e);
    perform pgdispatch.apply_calendar(v_edited);
    perform pgdispatch.note_change(
        'change', 'calendar', c.name, null, change.before, change.after
    )
    from unnest(v_edited) as c (name)
    cross join lateral (
        select jsonb_object_agg('day ' || o.day, pgdispatch.day_facts(o)) as days
        from unnest(v_old) as o
        where o.calendar = c.name
    ) as was
    cross join lateral (
        select jsonb_object_agg('day ' || n.day, pgdispatch.day_facts(n)) as days
        from unnest(v_new) as n
        where n.calendar = c.name
    ) as becomes
    cross join lateral pgdispatch.differences(
        was.days, becomes.days, array(
            select jsonb_object_keys(coalesce(was.days, '{}') || coalesce(becomes.days, '{}'))
        )
    ) as change
    where coalesce(change.before, change.after) is not null
    order by c.name;
    return null;
end
$$;

comment on function pgdispatch.note_day_edits() is
'Trigger: lets edits of days of calendars hold for their schedules, and notes who made them.';

create or replace trigger note_day_inserts
after insert on pgdispatch.calendar_day
referencing new table as new_rows
for each statement execute function pgdispatch.note_day_edits();

create or replace trigger note_day_updates
after update on pgdispatch.calendar_day
referencing old table as old_rows new table as new_rows
for each statement execute function pgdispatch.note_day_edits();

create or replace trigger note_day_deletes
after delete on pgdispatch.calendar_day
referencing old table as old_rows
for each statement execute function pgdispatch.note_day_edits();

comment on trigger note_day_inserts on pgdispatch.calendar_day is 'Notes who added days.';
comment on trigger note_day_updates on pgdispatch.calendar_day is 'Notes who changed days.';
comment on trigger note_day_deletes on pgdispatch.calendar_day is 'Notes who deleted days.';
