/*
 * Turns every delayed job whose time has come to ready. One at a time: a rival that did not wait
 * would not see the due jobs that are just being turned, and start a lesser one.
 * A due row that somebody holds is not waited for.
 * Locks: pg_advisory_xact_lock(1885824106, 0), before any gate's lock; then the due rows,
 * skipping what others hold.
 */
create or replace function pgdispatch.wake_due(p_now timestamptz, p_wait boolean)
returns boolean
language plpgsql
as $$
begin
    perform
    from pgdispatch.job
    where state = 'delayed'
        and not_before <= p_now
    limit 1
    for update skip locked;
    if not found then
        return true;
    elsif p_wait then
        perform pg_advisory_xact_lock(1885824106, 0);
    elsif not pg_try_advisory_xact_lock(1885824106, 0) then
        return false;
    end if;
    update pgdispatch.job
    set state = 'ready'
    where id in (
        select id
        from pgdispatch.job
        where state = 'delayed'
            and not_before <= p_now
        for update skip locked
    );
    return true;
end
$$;

comment on function pgdispatch.wake_due(timestamptz, boolean) is
'Makes the delayed jobs that are due ready; without p_wait it gives up, returning false, if '
'somebody else is at it.';
