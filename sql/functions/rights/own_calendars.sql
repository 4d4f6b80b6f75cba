/* The calendars that a confined caller may see: those of the schedules that it sees. */
create or replace function pgdispatch.own_calendars()
returns text[]
language sql
stable
parallel safe
security definer
set search_path = pg_catalog, pg_temp
as $$
    select array(
        select distinct s.calendar
        from pgdispatch.schedule as s
        where s.name = any ((select pgdispatch.own_schedules())::text[])
            and s.calendar is not null
    )
$$;

comment on function pgdispatch.own_calendars() is
'The calendars of the schedules on which your sites have a task or linked task, if you are '
'confined to sites; empty if you are not.';
