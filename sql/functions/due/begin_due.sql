/*
 * More than 64 jobs have become due: from now on they are met in the order, see the table
 * due. That can be said only of a time up to which all delayed jobs are committed. If a transaction
 * that writes some has been under way since before, 64 are made ready, whichever were due
 * first; nothing starts until none is left.
 * Locks: the caller holds the lock 'due'; those rows, skipping what others hold.
 */
create or replace function pgdispatch.begin_due(p_now timestamptz)
returns text
language plpgsql
as $$
declare
    v_until constant timestamptz := pgdispatch.seen_until(p_now);
    v_due pgdispatch.due := pgdispatch.last_due();
    v_jobs bigint[];
begin
    if v_until > v_due.due_at and not exists (
        select
        from pgdispatch.job
        where state = 'delayed'
            and not_before > v_until
            and not_before <= p_now
        offset 64
    ) then
        v_due.due_at := v_until;
        v_due.has_delayed := true;
        perform pgdispatch.append_due(pgdispatch.lower_floor(v_due));
        return 'again';
    end if;
    v_jobs := array(
        select id
        from pgdispatch.job
        where state = 'delayed'
            and not_before > v_due.due_at
            and not_before <= p_now
        order by not_before
        limit 64
        for update skip locked
    );
    if v_jobs = '{}' then
        return null;
    end if;
    perform pgdispatch.make_ready(v_jobs, p_now);
    return 'again';
end
$$;

comment on function pgdispatch.begin_due(timestamptz) is
'Lets many jobs that have become due be made ready in their order, in bounded numbers.';
