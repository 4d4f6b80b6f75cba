/*
 * Trigger: notes that somebody has configured a node, which is then not forgotten when it stops.
 * What its supervisor sets as it takes the name, in the same statement as its incarnation, is no
 * such change. That it is drained counts while it is.
 */
create or replace function pgdispatch.mark_node()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if tg_op = 'INSERT' then
        new.is_configured := new.backgrounders <> 1
            or new.application_servers <> 1
            or new.only_types is not null
            or new.except_types is not null;
    elsif new.incarnation is not distinct from old.incarnation then
        new.is_configured := new.is_configured
            or new.backgrounders <> old.backgrounders
            or new.application_servers <> old.application_servers
            or new.only_types is distinct from old.only_types
            or new.except_types is distinct from old.except_types;
    end if;
    return new;
end
$$;

comment on function pgdispatch.mark_node() is
'Trigger: notes that somebody has set what a node runs or takes; it is not forgotten then.';

create or replace trigger mark_node
before insert or update of backgrounders, application_servers, only_types, except_types
on pgdispatch.node
for each row execute function pgdispatch.mark_node();

comment on trigger mark_node on pgdispatch.node is 'Notes that somebody has configured a node.';
