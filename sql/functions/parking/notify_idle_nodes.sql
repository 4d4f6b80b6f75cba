/* Tells idle nodes, if there are any, that a job became ready; sent at commit. */
create or replace function pgdispatch.notify_idle_nodes()
returns boolean
language plpgsql
as $$
declare
    v_is_idle constant boolean := exists (
        select
        from pgdispatch.node
        where is_idle
            and heartbeat_at > pgdispatch.now() - pgdispatch.seconds('lease_seconds')
    );
begin
    if v_is_idle then
        perform pg_notify('pgdispatch', 'ready');
    end if;
    return v_is_idle;
end
$$;

comment on function pgdispatch.notify_idle_nodes() is
'Sends NOTIFY pgdispatch, ''ready'' at commit if a live node has an idle backgrounder; returns '
'whether one has.';
