/*
 * The last resort against a delayed job that is due and that nobody will look for, since the table
 * due says that all of its time are ready. There is none, unless a clock was wrong or somebody
 * has written into the tables past the triggers: then all are looked at anew. While many are being
 * made ready in their order this is left for later. What is paused is compared, too.
 * Locks: the lock 'due', trying; nothing if somebody else has it.
 */
create or replace function pgdispatch.check_due()
returns void
language plpgsql
as $$
declare
    v_now constant timestamptz := pgdispatch.now();
    v_due pgdispatch.due;
begin
    if not pg_try_advisory_xact_lock(pgdispatch.lock_class('due'), 0) then
        return;
    end if;
    v_due := pgdispatch.last_due();
    insert into pgdispatch.deferral (gate, refill_at)
    select p.gate, '-infinity'
    from (
        (select unnest(v_due.paused) except select unnest(pgdispatch.pauses_at(v_now)))
        union all
        (select unnest(pgdispatch.pauses_at(v_now)) except select unnest(v_due.paused))
    ) as p (gate)
    where not exists (
        select from pgdispatch.deferral as d where d.gate = p.gate and d.refill_at <= v_now
    );
    if not v_due.has_delayed and (
        v_due.due_at > v_now
        or exists (
            select
            from pgdispatch.job
            where state = 'delayed'
                and not_before <= least(v_due.due_at, v_now)
                and id <> all (v_due.passed_over)
        )
    ) then
        v_due.due_at := '-infinity';
        perform pgdispatch.append_due(v_due);
    end if;
end
$$;

comment on function pgdispatch.check_due() is
'Lets due jobs be looked for anew if the table due has passed one by.';
