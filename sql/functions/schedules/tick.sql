/*
 * One turn of the clock: opens and closes the closed windows whose time has come, and fires a part
 * of one schedule that is due, see fire_due. First comes one that has not been put off, of those
 * the one that has been due for longest.
 * A schedule that cannot be fired says why in last_error and gives way to the others, whatever
 * broke it off; from the second time in a row for a minute. Its time is not lost. The end of the
 * session rolls back all but the sequence schedule_in_hand: so whoever comes next sees that the
 * schedule was begun and not ended.
 * Locks: the lock 'clock', trying, so one caller at a time is at it and a dead one holds up
 * nobody; the schedule's row, skipping one that somebody is editing; then as fire_due.
 * Rivals: every supervisor calls it; the others learn nothing is due for them.
 */
create or replace function pgdispatch.tick(out jobs integer, out wait double precision)
returns record
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := pgdispatch.now();
    v_schedule pgdispatch.schedule;
    v_is_begun boolean;
    v_error text;
begin
    perform pgdispatch.check_isolation();
    if not pg_try_advisory_xact_lock(pgdispatch.lock_class('clock'), 0) then
        return;
    end if;
    if pgdispatch.next_edge() <= v_now then
        begin
            perform pgdispatch.tend_windows();
        exception
            when others then  -- schedules do not wait for that
                raise warning 'closed windows could not be opened or closed: %', sqlerrm;
        end;
    end if;
    select *
    into v_schedule
    from pgdispatch.schedule
    where (next_run_at <= v_now or firing_for is not null)
        and (put_off_until <= v_now or put_off_until > v_now + interval '1 minute') is not false
    order by put_off_until nulls first, next_run_at, id
    limit 1
    for no key update skip locked;
    if not found then
        perform pgdispatch.tidy_clock();
    else
        select is_called and last_value = v_schedule.id
        into v_is_begun
        from pgdispatch.schedule_in_hand;
        perform setval('pgdispatch.schedule_in_hand', v_schedule.id);
        begin
            if v_is_begun then
                raise exception 'its session ended while it was fired, see the server''s log';
            end if;
            jobs := pgdispatch.fire_due(v_schedule, v_now);
        exception
            when others or query_canceled or assert_failure then
                v_error := sqlerrm;
                raise warning 'schedule % could not be fired: %', v_schedule.name, v_error;
                jobs := 0;
                update pgdispatch.schedule
                set put_off_until = v_now + case
                        when last_error is null then interval '0'
                        else interval '1 minute'
                    end,
                    last_error = v_error
                where id = v_schedule.id;
        end;
    end if;
    wait := pgdispatch.next_turn();
    if jobs is not null then
        perform setval('pgdispatch.schedule_in_hand', v_schedule.id, false);
    end if;
end
$$;

comment on function pgdispatch.tick() is
'One turn of the clock: fires a part of the one schedule that is longest due. jobs: how many were '
'created, null if none was due or another caller is at it; wait: seconds until the next turn is '
'due, null if none ever is. Locks the schedule, passing over one that somebody edits, then as '
'fire. JD008.';
