/* Tells idle nodes, if there are any, that a job became ready; sent at commit. */
create or replace function pgdispatch.wake_idle()
returns void
language plpgsql
as $$
begin
    if exists (
        select
        from pgdispatch.node
        where is_idle
            and heartbeat_at > pgdispatch.now() - pgdispatch.seconds('lease_seconds')
    ) then
        perform pg_notify('pgdispatch', 'ready');
    end if;
end
$$;

comment on function pgdispatch.wake_idle() is
'Sends NOTIFY pgdispatch, ''ready'' at commit if a live node has an idle backgrounder.';
