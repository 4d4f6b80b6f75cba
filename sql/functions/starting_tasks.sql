/*
 * Which tasks are being started by hand in transactions that have not ended: run_now holds
 * pg_advisory_xact_lock(1885824110, task).
 */
create or replace function pgdispatch.starting_tasks()
returns integer[]
language sql
volatile
as $$
    select array(
        select objid::bigint::integer
        from pg_locks
        where locktype = 'advisory'
            and classid = 1885824110
            and objsubid = 2
            and granted
            and pid <> pg_backend_pid()
            and database = (select oid from pg_database where datname = current_database())
    )
$$;

comment on function pgdispatch.starting_tasks() is
'Numbers (modulo 2 to the power of 31) of the tasks of which a Run Now is under way.';
