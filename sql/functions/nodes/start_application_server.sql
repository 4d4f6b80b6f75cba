/* Notes that an application server is up. Locks: its own row. */
create or replace function pgdispatch.start_application_server(
    p_node text,
    p_number integer,
    p_pid integer,
    p_address text
)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into pgdispatch.application_server (id, node, number, pid, address, started_at)
    values (p_node || '/' || p_number, p_node, p_number, p_pid, p_address, pgdispatch.now())
    on conflict (id) do update
    set pid = excluded.pid,
        address = excluded.address,
        started_at = excluded.started_at;
end
$$;

comment on function pgdispatch.start_application_server(text, integer, integer, text) is
'Notes that an application server of a node is up: its number from 1, its process id and where '
'it listens (host:port).';
