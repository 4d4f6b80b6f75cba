/*
 * The jobs among which those are that could start now: the ready ones, those that have become due,
 * and what is parked at gates that a claim has to look at anew, as without a node none does. All
 * others that are parked are left out: whoever frees a gate wakes the next there. It reads p_most
 * jobs at most. Locks: none.
 */
create or replace function pgdispatch.startable_jobs(p_most integer)
returns table (
    job bigint,
    type text,
    site text,
    datasource text,
    schedule text
)
language plpgsql
stable
as $$
declare
    v_now constant timestamptz := pgdispatch.now();
begin
    return query
    (
        select j.id, j.type, j.site, j.datasource, j.schedule
        from pgdispatch.job as j
        where j.state = 'ready'
        order by generation, precedence, priority, queued_at, type_rank, tie_first, tie_second, id
        limit p_most
    )
    union all
    (
        select j.id, j.type, j.site, j.datasource, j.schedule
        from pgdispatch.job as j
        where j.state = 'delayed'
            and j.not_before <= v_now
        order by j.not_before
        limit p_most
    )
    union all
    select j.id, j.type, j.site, j.datasource, j.schedule
    from (
        select distinct f.gate
        from pgdispatch.deferral as f
        where f.refill_at <= v_now
    ) as g
    cross join lateral (
        select *
        from pgdispatch.job as p
        where p.state = 'parked'
            and p.gate = g.gate
        order by precedence, priority, queued_at, type_rank, tie_first, tie_second, id
        limit p_most
    ) as j
    limit p_most;
end
$$;

comment on function pgdispatch.startable_jobs(integer) is
'The first jobs that might start now: ready, due, or at a gate that is to be looked at anew.';
