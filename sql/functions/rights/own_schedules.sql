/*
 * The schedules that a confined caller may see and use: those on which a task or a linked task of
 * its sites is. On any other it could hold up people of another site, a serial one above all.
 */
create or replace function pgdispatch.own_schedules()
returns text[]
language sql
stable
parallel safe
security definer
set search_path = pg_catalog, pg_temp
as $$
    select array(
        select t.schedule
        from pgdispatch.task as t
        where t.site = any ((select pgdispatch.own_sites())::text[])
            and t.schedule is not null
        union
        select l.schedule
        from pgdispatch.linked_task as l
        where l.site = any ((select pgdispatch.own_sites())::text[])
            and l.schedule is not null
    )
$$;

comment on function pgdispatch.own_schedules() is
'The schedules on which your sites have a task or linked task, if you are confined to sites; '
'empty if you are not.';
