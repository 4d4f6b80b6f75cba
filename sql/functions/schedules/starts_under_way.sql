/*
 * What is being started by hand in transactions that have not ended: run_now holds the lock
 * 'task_start' of the task, run_now_linked_task 'linked_task_start'. One that was prepared for a
 * two-phase commit has no process, and counts, too.
 */
create or replace function pgdispatch.starts_under_way(p_class integer)
returns integer[]
language sql
volatile
as $$
    select array(
        select objid::bigint::integer
        from pg_locks
        where locktype = 'advisory'
            and classid = p_class
            and objsubid = 2
            and granted
            and pid is distinct from pg_backend_pid()
            and database = (select oid from pg_database where datname = current_database())
    )
$$;

comment on function pgdispatch.starts_under_way(integer) is
'Numbers (modulo 2 to the power of 31) of the tasks or linked tasks, by the class of their lock, '
'of which a Run Now is under way.';
