/* The job of a linked task that is in the queue, if a run of it is under way. */
create or replace function pgdispatch.linked_task_job(p_linked_task bigint)
returns bigint
language sql
stable
as $$
    select j.id
    from pgdispatch.job as j
    join pgdispatch.linked_run as r on r.id = j.linked_run
    where j.linked_run is not null
        and r.linked_task = p_linked_task
    limit 1
$$;

comment on function pgdispatch.linked_task_job(bigint) is
'The job that waits or runs for a linked task; null: no run of it is under way.';
