/*
 * After the server's clock had jumped ahead and back, next_run_at would lie too far ahead. A
 * schedule that has no next run any more, since its zone has gone, is left to the clock to tell of.
 * Locks: the rows of those schedules, skipping what others hold. What has run does not run again:
 * the key of occurrence.
 */
create or replace function pgdispatch.correct_schedules_ahead()
returns void
language plpgsql
as $$
declare
    v_schedule pgdispatch.schedule;
    v_next_run_at timestamptz;
begin
    for v_schedule in select * from pgdispatch.schedule where next_run_at is not null order by id
    loop
        begin
            v_next_run_at := (pgdispatch.schedule_runs(v_schedule, pgdispatch.now(), 1))[1];
        exception
            when others then
                continue;
        end;
        update pgdispatch.schedule
        set next_run_at = v_next_run_at,
            last_run_at = least(last_run_at, pgdispatch.now())
        where id in (
            select id
            from pgdispatch.schedule
            where id = v_schedule.id
                and (last_run_at > pgdispatch.now() or next_run_at > v_next_run_at)
            for no key update skip locked
        );
    end loop;
end
$$;

comment on function pgdispatch.correct_schedules_ahead() is
'Corrects next_run_at where it lies later than the next time of the recurrence.';
