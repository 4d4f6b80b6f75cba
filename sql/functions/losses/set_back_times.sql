/*
 * The server's clock went back by a minute or more, or another server's is that far behind: what
 * was worked out from the time before would keep jobs waiting for as long. No schedule is put off;
 * retries wait no longer than the longest delay; sites with a spent budget are looked at anew by
 * the next claim; what was charged to a day ahead is charged to this one.
 * Of the retries, 10,000 at most: the rest waits for the time that it was given.
 * The next runs of schedules are the clock's to set back. Locks: the rows of those schedules, jobs,
 * deferrals and charges, all of them skipping what others hold.
 */
create or replace function pgdispatch.set_back_times()
returns void
language plpgsql
as $$
declare
    v_now constant timestamptz := pgdispatch.now();
    v_longest constant interval := pgdispatch.seconds('retry_max_seconds');
begin
    update pgdispatch.schedule
    set put_off_until = null
    where id in (
        select id
        from pgdispatch.schedule
        where put_off_until > v_now + interval '1 minute'
        for no key update skip locked
    );
    update pgdispatch.job
    set not_before = v_now + random() * v_longest
    where id in (
        select id
        from pgdispatch.job
        where state = 'delayed'
            and failures > 0
            and not_before > v_now + v_longest
        limit 10000
        for update skip locked
    );
    with gone as (
        delete from pgdispatch.deferral
        where ctid = any (array(
            select ctid
            from pgdispatch.deferral
            where refill_at > v_now
                and pgdispatch.gate_kind(gate) = 'site'
            for update skip locked
        ))
        returning gate
    )
    insert into pgdispatch.deferral (gate, refill_at)
    select distinct gate, v_now
    from gone;
    update pgdispatch.charge
    set started_at = v_now
    where ctid = any (array(
        select ctid from pgdispatch.charge where started_at > v_now for update skip locked
    ));
end
$$;

comment on function pgdispatch.set_back_times() is
'Corrects what was worked out from a clock that has gone back since: schedules put off, retries, '
'refills and charges that lie too far ahead.';
