/*
 * A supervisor tells which targets of notices its configuration file names. Nothing of what they
 * stand for is told.
 * Locks: the node's row.
 */
create or replace function pgdispatch.report_targets(
    p_node text,
    p_incarnation uuid,
    p_targets text[]
)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    update pgdispatch.node
    set targets = p_targets
    where name = p_node
        and incarnation = p_incarnation
        and targets is distinct from p_targets;
end
$$;

comment on function pgdispatch.report_targets(text, uuid, text[]) is
'Notes which targets of notices a node can reach; null: none. Does nothing when the name was taken '
'over.';
