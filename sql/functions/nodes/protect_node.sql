/* Trigger: a node that is up is not deleted or renamed; its supervisor would kill all its jobs. */
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
            format('node %s is up and cannot be %s', old.name,
                case tg_op when 'DELETE' then 'deleted' else 'renamed' end),
            'drain it and stop its supervisor first'
        );
    elsif tg_op = 'UPDATE' and exists (
        select from pgdispatch.job where state = 'running' and node = old.name
    ) then
        perform pgdispatch.refuse(
            format('node %s has jobs that run, and cannot be renamed', old.name),
            'wait until its lease is over, and they have gone back to the queue'
        );
    end if;
    return coalesce(new, old);
end
$$;

comment on function pgdispatch.protect_node() is
'Trigger: refuses to delete or rename a node that is up (JD001).';

create or replace trigger protect_node
before delete on pgdispatch.node
for each row execute function pgdispatch.protect_node();

create or replace trigger protect_node_name
before update of name on pgdispatch.node
for each row
when (old.name is distinct from new.name)
execute function pgdispatch.protect_node();

comment on trigger protect_node_name on pgdispatch.node is 'Refuses to rename a node that is up.';
comment on trigger protect_node on pgdispatch.node is 'Refuses to delete a node that is up.';
