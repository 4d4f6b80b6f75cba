/*
 * A supervisor says that its node is alive, and learns how many backgrounders it shall run.
 * Locks: the node's row.
 */
create or replace function pgdispatch.heartbeat(
    p_node text,
    p_incarnation uuid,
    p_is_idle boolean default false
)
returns integer
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_backgrounders integer;
begin
    update pgdispatch.node
    set heartbeat_at = pgdispatch.now(),
        is_idle = p_is_idle
    where name = p_node
        and incarnation = p_incarnation
    returning backgrounders into v_backgrounders;
    if not found then
        raise exception using
            errcode = 'JD007',
            message = format('node %s is not held by this supervisor any more', p_node),
            hint = 'stop: another supervisor has taken its name';
    end if;
    return v_backgrounders;
end
$$;

comment on function pgdispatch.heartbeat(text, uuid, boolean) is
'Renews the lease of a node and returns how many backgrounders it shall run. p_is_idle asks to '
'be notified of new jobs. Refused when the name was taken over (JD007).';
