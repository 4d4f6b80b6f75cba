/*
 * A supervisor says that its node is alive, and learns how many processes it shall run.
 * Locks: the node's row.
 */
create or replace function pgdispatch.heartbeat(
    p_node text,
    p_incarnation uuid,
    p_is_idle boolean default false
)
returns table (
    backgrounders integer,
    application_servers integer
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
    return query
    update pgdispatch.node
    set heartbeat_at = pgdispatch.now(),
        is_idle = p_is_idle
    where name = p_node
        and incarnation = p_incarnation
    returning backgrounders, application_servers;
    if not found then
        perform pgdispatch.refuse_holder(p_node);
    end if;
end
$$;

comment on function pgdispatch.heartbeat(text, uuid, boolean) is
'Renews the lease of a node and returns how many processes of each kind it shall run. p_is_idle '
'asks to be notified of new jobs. Refused when the name was taken over (JD007).';
