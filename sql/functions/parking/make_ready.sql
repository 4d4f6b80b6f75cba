/*
 * Makes jobs ready, if they are parked, or delayed until p_until at most; returns those that it
 * left, since somebody holds their rows.
 * Locks: their rows, skipping what others hold. Who needs to know what it left holds the lock
 * 'due', so it is no rival at the same work who holds them.
 */
create or replace function pgdispatch.make_ready(p_jobs bigint[], p_until timestamptz)
returns bigint[]
language plpgsql
as $$
begin
    update pgdispatch.job
    set state = 'ready'
    where id in (
        select id
        from pgdispatch.job
        where id = any (p_jobs)
            and (state = 'parked' or (state = 'delayed' and not_before <= p_until))
        for update skip locked
    );
    return array(
        select id
        from pgdispatch.job
        where id = any (p_jobs)
            and (state = 'parked' or (state = 'delayed' and not_before <= p_until))
        order by id
    );
end
$$;

comment on function pgdispatch.make_ready(bigint[], timestamptz) is
'Makes parked jobs, and delayed ones that are due, ready; returns those whose rows others hold.';
