/*
 * Who holds a node's name, for a supervisor that finds it held: whether that process is still there
 * only the machine on which it ran can tell. Takes no lock.
 */
create or replace function pgdispatch.node_holder(p_node text)
returns table (
    incarnation uuid,
    process text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select
        n.incarnation,
        n.process
    from pgdispatch.node as n
    where n.name = p_node
        and n.incarnation is not null
$$;

comment on function pgdispatch.node_holder(text) is
'The supervisor that holds a node''s name: its incarnation, and which process it is, as it said; '
'no row if nobody holds it. Takes no lock.';
