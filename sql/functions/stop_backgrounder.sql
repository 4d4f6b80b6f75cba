/*
 * Notes that a background process is gone. A job that it had claimed but not begun, or had not
 * been able to give back, returns to its place in the queue; no retry is spent.
 * Locks: its own row; then as requeue.
 */
create or replace function pgdispatch.stop_backgrounder(p_backgrounder text)
returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_job pgdispatch.job;
begin
    perform pgdispatch.check_caller(p_backgrounder);
    delete from pgdispatch.backgrounder where id = p_backgrounder;
    select *
    into v_job
    from pgdispatch.job
    where state = 'running'
        and node = split_part(p_backgrounder, ':', 1)
        and backgrounder = p_backgrounder;
    if found then
        perform pgdispatch.requeue(v_job.id, v_job.attempt);
    end if;
    return v_job.id;
end
$$;

comment on function pgdispatch.stop_backgrounder(text) is
'Notes that a background process is gone, after its job was ended with fail. A job that it still '
'has goes back to the queue; its id is returned.';
