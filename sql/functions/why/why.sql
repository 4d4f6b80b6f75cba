/*
 * What the view queue shows of one waiting job. Whoever is confined to sites reads that view, as
 * its places count what it may see; all others go the fast way.
 * Locks: none.
 */
create or replace function pgdispatch.why(p_job bigint)
returns table (
    job bigint,
    "position" bigint,
    decided_by text,
    reason text,
    waits_for interval
)
language plpgsql
stable
as $$
begin
    if pg_catalog.has_function_privilege('pgdispatch.place_of(bigint)', 'execute') then
        return query select * from pgdispatch.place_of(p_job);
    else
        return query
        select
            q.job,
            q.position,
            q.decided_by,
            q.reason,
            q.waits_for
        from pgdispatch.queue as q
        where q.job = p_job;
    end if;
end
$$;

comment on function pgdispatch.why(bigint) is
'Place and reason of one waiting job, as the view queue shows them, but fast however many wait, as '
'it counts in indexes; no row: it does not wait. Behind more than 100,000 jobs it stops counting: '
'the position is null, and the reason says more than 100000; queue has the number, in its own '
'time. For people confined to sites it reads the queue.';
