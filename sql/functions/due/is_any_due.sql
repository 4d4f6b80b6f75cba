/*
 * Whether a claim has to make jobs ready before it may look for one. Not for due jobs whose rows
 * people hold: they are not waited for. But whoever makes them ready holds their rows, too, and he
 * has to be waited for: so a held row is left alone only if nobody is at that.
 * A row is not tried, since a rival at that work would skip it meanwhile.
 * Locks: none. A multixact may say anything of its row: at worst one asks for a lock in vain.
 */
create or replace function pgdispatch.is_any_due(p_now timestamptz)
returns boolean
language plpgsql
as $$
declare
    v_due constant pgdispatch.due := pgdispatch.last_due();
begin
    if v_due.due_at > pgdispatch.now()
        or exists (select from pgdispatch.deferral where refill_at <= p_now)
        or exists (
            select
            from pgdispatch.job
            where state = 'delayed'
                and not_before > v_due.due_at
                and not_before <= p_now
                and (xmax = 0 or not pgdispatch.is_in_progress(xmax))
        )
        or exists (
            select
            from pgdispatch.job
            where id = any (v_due.passed_over)
                and (state = 'parked' or (state = 'delayed' and not_before <= p_now))
                and (xmax = 0 or not pgdispatch.is_in_progress(xmax))
        )
    then
        return true;
    end if;
    return exists (  -- after the look: who is through by now has committed what he made ready
        select
        from pg_locks
        where locktype = 'advisory'
            and database = (select oid from pg_database where datname = current_database())
            and classid = pgdispatch.lock_class('due')
            and objid = 0
            and objsubid = 2
            and granted
    );
end
$$;

comment on function pgdispatch.is_any_due(timestamptz) is
'Whether delayed jobs that are due have to be made ready, or jobs at sites to be unparked, and '
'could be.';
