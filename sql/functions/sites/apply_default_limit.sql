/*
 * Trigger: a default limit reaches all sites that say none of their own.
 * Locks: the rows of those sites, one after the other in the order of their names, so that two such
 * changes wait for each other, not in a circle.
 */
create or replace function pgdispatch.apply_default_limit()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '5s'
as $$
declare
    v_site text;
begin
    for v_site in
        select name
        from pgdispatch.site
        where max_running_jobs is null
            or daily_seconds is null
        order by name
    loop
        update pgdispatch.site set name = name where name = v_site;
    end loop;
    return null;
end
$$;

comment on function pgdispatch.apply_default_limit() is
'Trigger: has sites without limits of their own take the new default.';

create or replace trigger apply_default_limit
after update on pgdispatch.setting
for each row
when (
    new.name in ('site_max_running_jobs', 'site_daily_seconds')
    and old.value is distinct from new.value
)
execute function pgdispatch.apply_default_limit();

comment on trigger apply_default_limit on pgdispatch.setting is
'Has sites without limits of their own take the new default.';
