/* Notes that a background process is up. Locks: its own row. */
create or replace function pgdispatch.start_backgrounder(p_backgrounder text, p_pid integer)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform pgdispatch.check_caller(p_backgrounder);
    insert into pgdispatch.backgrounder (id, node, number, pid, started_at)
    values (
        p_backgrounder,
        split_part(p_backgrounder, ':', 1),
        split_part(p_backgrounder, ':', 2)::integer,
        p_pid,
        pgdispatch.now()
    )
    on conflict (id) do update
    set pid = excluded.pid,
        started_at = excluded.started_at;
end
$$;

comment on function pgdispatch.start_backgrounder(text, integer) is
'Notes that a background process (node:number; else JD001) is up, with its process id.';
