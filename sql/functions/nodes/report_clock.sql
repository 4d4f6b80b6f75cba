/*
 * A supervisor tells what its clock shows. Nothing is decided by it: all times are the database's.
 * Locks: the node's row.
 */
create or replace function pgdispatch.report_clock(
    p_node text,
    p_incarnation uuid,
    p_clock timestamptz
)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    update pgdispatch.node
    set clock_ahead_for = p_clock - clock_timestamp()
    where name = p_node
        and incarnation = p_incarnation;
end
$$;

comment on function pgdispatch.report_clock(text, uuid, timestamptz) is
'Notes how far a node''s clock is ahead of the database''s, for pgdispatch doctor; the way there '
'counts as behind. Does nothing when the name was taken over.';
