/*
 * Takes the row of a ready job, if it is still as it was read and nobody has it.
 * Locks: that row, skipping it if it is held.
 */
create or replace function pgdispatch.lock_ready(p_job pgdispatch.job)
returns boolean
language plpgsql
as $$
begin
    perform
    from pgdispatch.job
    where id = p_job.id
        and state = 'ready'
        and priority = p_job.priority
        and tie_first = p_job.tie_first
    for update skip locked;
    return found;
end
$$;

comment on function pgdispatch.lock_ready(pgdispatch.job) is
'Locks the row of a ready job that has kept its place; false if a rival has it or it has moved.';
