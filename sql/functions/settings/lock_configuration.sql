/*
 * Whoever makes the configuration what a file says comes after others who do: else two of them,
 * each writing what the other does not see yet, would leave what neither file says.
 * Locks: 'configuration', until the end of the transaction.
 */
create or replace function pgdispatch.lock_configuration()
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform pg_advisory_xact_lock(pgdispatch.lock_class('configuration'), 0);
end
$$;

comment on function pgdispatch.lock_configuration() is
'Waits for others who apply a file, and lets the next ones wait until your transaction has ended. '
'Edits of rows do not wait for it.';
