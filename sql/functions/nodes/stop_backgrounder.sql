/*
 * Notes that a background process is gone. A job that it had claimed but not begun returns to its
 * place in the queue.
 * Locks: its own row; then as recover.
 */
create or replace function pgdispatch.stop_backgrounder(p_backgrounder text)
returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    delete from pgdispatch.backgrounder where id = p_backgrounder;
    return pgdispatch.recover(p_backgrounder);
end
$$;

comment on function pgdispatch.stop_backgrounder(text) is
'Notes that a background process is gone, after its job was ended with fail. A job that it still '
'has goes back to the queue; its id is returned. JD001, JD008.';
