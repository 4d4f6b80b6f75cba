/* Trigger: settings stay; which there are is the package's affair. */
create or replace function pgdispatch.protect_setting()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform pgdispatch.refuse(
        format('setting %s cannot be deleted or renamed', old.name),
        format(
            'set it back to its default: update pgdispatch.setting set value = default_value '
            'where name = %L', old.name
        )
    );
    return null;
end
$$;

comment on function pgdispatch.protect_setting() is
'Trigger: refuses to delete or rename a setting (JD001).';

create or replace trigger protect_setting
before delete on pgdispatch.setting
for each row execute function pgdispatch.protect_setting();

create or replace trigger protect_setting_name
before update of name on pgdispatch.setting
for each row
when (old.name is distinct from new.name)
execute function pgdispatch.protect_setting();

comment on trigger protect_setting on pgdispatch.setting is 'Refuses to delete a setting.';
comment on trigger protect_setting_name on pgdispatch.setting is 'Refuses to rename a setting.';
