/*
 * Trigger: what goes by a site's or job type's name without a foreign key follows a rename: what
 * the site has spent today, its jobs' keys, what nodes are limited to, and the types of contracts.
 * Tasks, linked tasks, timeouts and people follow by foreign keys. History keeps the names it had.
 * Locks: those rows.
 */
create or replace function pgdispatch.carry_name()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if tg_table_name = 'site' then
        update pgdispatch.charge set site = new.name where site = old.name;
        delete from pgdispatch.job_key where site = new.name;  -- of a former site of that name
        update pgdispatch.job_key set site = new.name where site = old.name;
        update pgdispatch.deferral
        set gate = pgdispatch.site_gate(new.name)
        where gate = pgdispatch.site_gate(old.name);
    else
        update pgdispatch.node
        set only_types = array_replace(only_types, old.name, new.name),
            except_types = array_replace(except_types, old.name, new.name)
        where old.name = any (only_types || except_types);
        update pgdispatch.contract
        set types = array_replace(types, old.name, new.name)
        where old.name = any (types);
    end if;
    return null;
end
$$;

comment on function pgdispatch.carry_name() is
'Trigger: has a day''s spending, keys and the limits of nodes follow when a site or job type is '
'renamed.';

create or replace trigger carry_name
after update of name on pgdispatch.site
for each row
when (old.name is distinct from new.name)
execute function pgdispatch.carry_name();

create or replace trigger carry_name
after update of name on pgdispatch.job_type
for each row
when (old.name is distinct from new.name)
execute function pgdispatch.carry_name();

comment on trigger carry_name on pgdispatch.site is
'Has a day''s spending and keys follow a rename.';
comment on trigger carry_name on pgdispatch.job_type is 'Has limits of nodes follow a rename.';
