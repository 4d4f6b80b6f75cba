/*
 * A supervisor stops in an orderly way: the node is down at once, not after its lease.
 * A drain with an end was for this run of it; one without stays.
 * Locks: the node's row; then as declare_lost, for what is left running, which should be nothing.
 */
create or replace function pgdispatch.deregister_node(p_node text, p_incarnation uuid)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    update pgdispatch.node
    set incarnation = null,
        heartbeat_at = null,
        stopped_at = pgdispatch.now(),
        pid = null,
        process = null,
        is_drained = is_drained and drain_ends_at is null,
        is_idle = false
    where name = p_node
        and incarnation = p_incarnation;
    if found then
        delete from pgdispatch.backgrounder where node = p_node;
        delete from pgdispatch.application_server where node = p_node;
        perform pgdispatch.declare_lost(p_node);
    end if;
end
$$;

comment on function pgdispatch.deregister_node(text, uuid) is
'Gives a node''s name back when its supervisor stops. What still runs there goes back to the queue '
'as lost. Does nothing when the name was taken over. JD008.';
