/*
 * After the server's clock had jumped ahead and back, next_run_at would lie too far ahead.
 * Locks: the rows of those schedules, skipping what others hold. What has run does not run again:
 * the key of occurrence.
 */
create or replace function pgdispatch.set_back_schedules()
returns void
language plpgsql
as $$
begin
    update pgdispatch.schedule as s
    set next_run_at = pgdispatch.next_run(s.recurrence, s.time_zone, pgdispatch.now()),
        last_run_at = least(s.last_run_at, pgdispatch.now())
    where s.id in (
        select id
        from pgdispatch.schedule
        where last_run_at > pgdispatch.now()
            or next_run_at > pgdispatch.next_run(recurrence, time_zone, pgdispatch.now())
        for no key update skip locked
    );
end
$$;

comment on function pgdispatch.set_back_schedules() is
'Corrects next_run_at where it lies later than the next time of the recurrence.';
