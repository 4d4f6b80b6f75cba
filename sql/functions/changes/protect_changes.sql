/* Trigger: what has been noted stays. Old partitions are dropped whole, see roll_history. */
create or replace function pgdispatch.protect_changes()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform pgdispatch.refuse(
        'changes that have been noted can be neither changed nor deleted',
        'they go by themselves after change_keep_days: see pgdispatch.setting'
    );
    return null;
end
$$;

comment on function pgdispatch.protect_changes() is
'Trigger: refuses to change or delete what has been noted (JD001).';

create or replace trigger protect_changes
before update or delete or truncate on pgdispatch.change
for each statement execute function pgdispatch.protect_changes();

comment on trigger protect_changes on pgdispatch.change is 'Refuses to change or delete them.';
