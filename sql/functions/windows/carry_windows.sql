/*
 * Trigger: closed windows follow when what they close is renamed. When it is deleted they stay, and
 * doctor tells of them.
 * Locks: their rows.
 */
create or replace function pgdispatch.carry_windows()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    update pgdispatch.closed_window
    set target = new.name
    where scope = replace(tg_table_name, 'job_type', 'type')
        and target = old.name;
    return null;
end
$$;

comment on function pgdispatch.carry_windows() is
'Trigger: has closed windows follow when what they close is renamed.';

create or replace trigger carry_windows
after update of name on pgdispatch.site
for each row
when (old.name is distinct from new.name)
execute function pgdispatch.carry_windows();

comment on trigger carry_windows on pgdispatch.site is
'Has its closed windows follow a rename.';

create or replace trigger carry_windows
after update of name on pgdispatch.job_type
for each row
when (old.name is distinct from new.name)
execute function pgdispatch.carry_windows();

comment on trigger carry_windows on pgdispatch.job_type is
'Has its closed windows follow a rename.';

create or replace trigger carry_windows
after update of name on pgdispatch.schedule
for each row
when (old.name is distinct from new.name)
execute function pgdispatch.carry_windows();

comment on trigger carry_windows on pgdispatch.schedule is
'Has its closed windows follow a rename.';

create or replace trigger carry_windows
after update of name on pgdispatch.node
for each row
when (old.name is distinct from new.name)
execute function pgdispatch.carry_windows();

comment on trigger carry_windows on pgdispatch.node is
'Has its closed windows follow a rename.';
