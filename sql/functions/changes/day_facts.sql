/* What people set of one day of a calendar, in words. */
create or replace function pgdispatch.day_facts(p_day pgdispatch.calendar_day)
returns text
language sql
immutable
as $$
    select case when p_day.is_working then 'works' else 'free' end
        || coalesce(': ' || p_day.name, '')
$$;

comment on function pgdispatch.day_facts(pgdispatch.calendar_day) is
'What people set of a day: whether it is free, and what it is called.';
