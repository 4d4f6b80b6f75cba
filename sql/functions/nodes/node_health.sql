/* What one node's application servers tell about it. Takes no lock. */
create or replace function pgdispatch.node_health(p_node text)
returns table (
    is_held boolean,
    heartbeat_age double precision,
    lease double precision,
    is_drained boolean,
    wanted integer,
    up integer
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select
        coalesce(bool_or(n.incarnation is not null), false),
        max(extract(epoch from pgdispatch.now() - n.heartbeat_at)::double precision),
        extract(epoch from pgdispatch.seconds('lease_seconds'))::double precision,
        coalesce(bool_or(n.is_drained), false),
        coalesce(max(n.backgrounders), 0),
        (select count(*)::integer from pgdispatch.backgrounder where node = p_node)
    from pgdispatch.node as n
    where n.name = p_node;
end
$$;

comment on function pgdispatch.node_health(text) is
'One row about a node: whether a supervisor holds it, how old its heartbeat is and may become '
'(seconds), whether it is drained, and how many backgrounders it shall run and are up.';
