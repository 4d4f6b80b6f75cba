/* Trigger: tells the supervisor of a node at once that it shall run another number of processes. */
create or replace function pgdispatch.apply_node_size()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform pg_notify('pgdispatch', 'node:' || new.name);
    return null;
end
$$;

comment on function pgdispatch.apply_node_size() is
'Trigger: tells a supervisor at once that its node shall run another number of processes.';

create or replace trigger apply_node_size
after update on pgdispatch.node
for each row
when (
    (old.backgrounders, old.application_servers)
    is distinct from (new.backgrounders, new.application_servers)
)
execute function pgdispatch.apply_node_size();

comment on trigger apply_node_size on pgdispatch.node is
'Tells its supervisor of another number of processes.';
