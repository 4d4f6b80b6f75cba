/* Trigger: a node that is up cannot be deleted; its supervisor would kill all its jobs. */
create or replace function pgdispatch.protect_node()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if old.heartbeat_at > pgdispatch.now() - pgdispatch.seconds('lease_seconds')
        and old.heartbeat_at <= pgdispatch.now() + pgdispatch.seconds('lease_seconds') then
        perform pgdispatch.refuse(
            format('node %s is up and cannot be deleted', old.name),
            'drain it and stop its supervisor first'
        );
    end if;
    return old;
end
$$;

comment on function pgdispatch.protect_node() is
'Trigger: refuses to delete a node that is up (JD001).';

create or replace trigger protect_node
before delete on pgdispatch.node
for each row execute function pgdispatch.protect_node();

comment on trigger protect_node on pgdispatch.node is 'Refuses to delete a node that is up.';
