/*
 * Turns every delayed job whose time has come to ready, and wakes the sites whose budget has been
 * refilled. One at a time: a rival that did not wait would not see the due jobs that are just being
 * turned, and start a lesser one. A due row that somebody holds is not waited for.
 * Locks: pg_advisory_xact_lock(1885824106, 0), before any gate's lock; then the due rows,
 * skipping what others hold.
 */
create or replace function pgdispatch.wake_due(p_now timestamptz, p_wait boolean)
returns boolean
language plpgsql
as $$
declare
    v_site text;
begin
    if not exists (select from pgdispatch.deferral where refill_at <= p_now) then
        perform
        from pgdispatch.job
        where state = 'delayed'
            and not_before <= p_now
        limit 1
        for update skip locked;
        if not found then
            return true;
        end if;
    end if;
    if p_wait then
        perform pg_advisory_xact_lock(1885824106, 0);
    elsif not pg_try_advisory_xact_lock(1885824106, 0) then
        return false;
    end if;
    update pgdispatch.job
    set state = 'ready',
        generation = pgdispatch.open_generation()
    where id in (
        select id
        from pgdispatch.job
        where state = 'delayed'
            and not_before <= p_now
        for update skip locked
    );
    for v_site in
        delete from pgdispatch.deferral
        where ctid = any (array(
            select ctid
            from pgdispatch.deferral
            where refill_at <= p_now
            for update skip locked
        ))
        returning site
    loop
        perform pgdispatch.unpark('site/' || v_site);
    end loop;
    return true;
end
$$;

comment on function pgdispatch.wake_due(timestamptz, boolean) is
'Makes the delayed jobs that are due ready, and wakes sites whose budget is refilled; without '
'p_wait it gives up, returning false, if somebody else is at it.';
