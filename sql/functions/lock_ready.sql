/*
 * Takes the row of a ready job, if it has kept its place and nobody has it; else null.
 * Locks: that row, skipping it if it is held.
 */
create or replace function pgdispatch.lock_ready(
    p_job bigint,
    p_priority smallint,
    p_tie_first double precision
)
returns pgdispatch.job
language plpgsql
as $$
declare
    v_job pgdispatch.job;
begin
    select *
    into v_job
    from pgdispatch.job
    where id = p_job
        and state = 'ready'
        and priority = p_priority
        and tie_first = p_tie_first
    for update skip locked;
    return v_job;
end
$$;

comment on function pgdispatch.lock_ready(bigint, smallint, double precision) is
'Locks the row of a ready job that has kept its place; null if a rival has it or it has moved.';
