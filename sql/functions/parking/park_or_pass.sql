/*
 * Decides about a ready job with gates.
 *
 *   free     all have room: it can start
 *   parked   it is, with those right behind it that have its one gate: `jobs` in all
 *   passed   a rival has it, it has moved, or it could not be parked although a gate is full
 *
 * If it could not be parked as its gates have room after all, others may have been woken for some
 * of them. That counts as parked, too: the walk begins anew, and meets the best of them first.
 *
 * Locks: the caller holds the locks of all its gates; the rows, skipping those that others hold.
 */
create or replace function pgdispatch.park_or_pass(
    p_ready refcursor,
    p_job bigint,
    p_priority smallint,
    p_tie_first double precision,
    p_gates text[],
    out verdict text,
    out jobs integer
)
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
    jobs := 0;
    if not found then
        verdict := 'passed';
        return;
    end if;
    v_full := pgdispatch.full_gates(v_job, p_gates);
    if v_full = '{}' then
        verdict := 'free';
        return;
    elsif not pgdispatch.park(v_job, p_gates, v_full) then
        verdict := case
            when pgdispatch.full_gates(v_job, p_gates) = '{}' then 'parked'
            else 'passed'
        end;
        return;
    end if;
    verdict := 'parked';
    jobs := 1;
    if cardinality(p_gates) = 1 and not (  -- with a budget it meets its jobs one by one
        pgdispatch.gate_kind(v_full[1]) = 'site' and exists (
            select from pgdispatch.site where name = v_job.site and seconds_limit is not null
        )
    ) then
        jobs := 1 + pgdispatch.park_those_behind(p_ready, v_full[1]);
    end if;
end
$$;

comment on function pgdispatch.park_or_pass(
    refcursor, bigint, smallint, double precision, text[]
) is
'Parks a ready job one of whose gates is full, with those right behind it that have its one gate; '
'says whether the job is free to start, parked (and how many with it), or was passed over.';
