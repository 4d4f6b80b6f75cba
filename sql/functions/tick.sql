/*
 * One turn of the clock: fires the schedule that has been due for longest, if one is.
 * A schedule that cannot be fired says why in last_error, and its turn comes again in a minute: it
 * does not stop the others, and its time is not lost.
 * Locks: pg_try_advisory_xact_lock(1885824109, 0), so one caller at a time is at it and a dead one
 * holds up nobody; the schedule's row, skipping one that somebody is editing; then as fire_runs.
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
begin
    perform pgdispatch.check_isolation();
    if not pg_try_advisory_xact_lock(1885824109, 0) then
        return;
    end if;
    select *
    into v_schedule
    from pgdispatch.schedule
    where next_run_at <= v_now
        and coalesce(put_off_until, '-infinity') <= v_now
    order by next_run_at, id
    limit 1
    for no key update skip locked;
    if found then
        begin
            jobs := pgdispatch.fire_runs(
                v_schedule.name, pgdispatch.due_runs(v_schedule, v_now)
            );
            update pgdispatch.schedule
            set next_run_at =
                    pgdispatch.next_run(v_schedule.recurrence, v_schedule.time_zone, v_now),
                put_off_until = null,
                last_error = null
            where id = v_schedule.id;
        exception
            when others then
                raise warning 'schedule % could not be fired: %', v_schedule.name, sqlerrm;
                jobs := 0;
                update pgdispatch.schedule
                set put_off_until = v_now + interval '1 minute',
                    last_error = sqlerrm
                where id = v_schedule.id;
        end;
    end if;
    if exists (select from pgdispatch.schedule where last_run_at > v_now + interval '1 minute') then
        perform pgdispatch.set_back_schedules();
    end if;
    if exists (select from pgdispatch.charge where not is_sum offset 1000) then
        perform pgdispatch.sum_charges();
    end if;
    select greatest(
        extract(epoch from greatest(next_run_at, put_off_until) - pgdispatch.now()), 0
    )
    into wait
    from pgdispatch.schedule
    where next_run_at is not null
    order by greatest(next_run_at, put_off_until)
    limit 1;
end
$$;

comment on function pgdispatch.tick() is
'Fires the one schedule that is longest due. jobs: how many were created, null if none was due '
'or another caller is at it; wait: seconds until the next one is due, null if none ever is.';
