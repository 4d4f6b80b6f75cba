/*
 * Decides about a ready job with gates: null if all have room, so that it can start; else it is
 * parked, with those right behind it that have its one gate. Returns how many it met; 0 if a rival
 * has the job, if it has moved, or if it could not be parked although a gate is full: it is passed
 * over.
 *
 * If it could not be parked as its gates have room after all, others may have been woken for some
 * of them. So that counts as met, too: the walk begins anew, and meets the best of them first.
 *
 * Locks: the caller holds the locks of all its gates; the rows, skipping those that others hold.
 */
create or replace function pgdispatch.park_or_pass(
    p_ready refcursor,
    p_job bigint,
    p_priority smallint,
    p_tie_first double precision,
    p_gates text[]
)
returns integer
language plpgsql
as $$
declare
    v_job pgdispatch.job;
    v_full text[];
begin
    select *
    into v_job
    from pgdispatch.job
    where id = p_job
        and state = 'ready'
        and priority = p_priority
        and tie_first = p_tie_first
    for update skip locked;
    if not found then
        return 0;
    end if;
    v_full := pgdispatch.full_gates(v_job, p_gates);
    if v_full = '{}' then
        return null;
    elsif not pgdispatch.park(v_job, p_gates, v_full) then
        return (pgdispatch.full_gates(v_job, p_gates) = '{}')::integer;
    elsif cardinality(p_gates) = 1 and not (
        v_full[1] like 'site/%' and exists (  -- with a budget it meets its jobs one by one
            select from pgdispatch.site where name = v_job.site and seconds_limit is not null
        )
    ) then
        return 1 + pgdispatch.park_those_behind(p_ready, v_full[1]);
    end if;
    return 1;
end
$$;

comment on function pgdispatch.park_or_pass(
    refcursor, bigint, smallint, double precision, text[]
) is
'Parks a ready job one of whose gates is full, with those right behind it that have its one gate; '
'returns how many it met, 0 if it left the job alone, null if the job can start.';
