/* Notes that an application server is gone. Locks: its own row. */
create or replace function pgdispatch.stop_application_server(p_node text, p_number integer)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    delete from pgdispatch.application_server where id = p_node || '/' || p_number;
end
$$;

comment on function pgdispatch.stop_application_server(text, integer) is
'Notes that an application server of a node is gone.';
