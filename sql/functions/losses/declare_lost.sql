/*
 * take_back for those who want to know only how many there were: people, nodes of former versions,
 * and whoever takes or gives back a node's name. Locks: as take_back.
 */
create or replace function pgdispatch.declare_lost(p_node text default null)
returns integer
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$
    select count(*)::integer from pgdispatch.take_back(p_node)
$$;

comment on function pgdispatch.declare_lost(text) is
'Does what take_back does, and returns how many there were.';
