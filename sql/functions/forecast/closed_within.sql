/*
 * The times of a schedule that its closed windows swallow: those that are to be recorded as closed
 * with its next fire, or are in one that is under way, and those up to an instant. None if its
 * recurrence cannot be read.
 */
create or replace function pgdispatch.closed_within(
    p_schedule pgdispatch.schedule,
    p_now timestamptz,
    p_until timestamptz
)
returns timestamptz[]
language plpgsql
stable
as $$
declare
    v_runs timestamptz[];
    v_run timestamptz := p_now;
begin
    if p_schedule.next_run_at is null or not exists (
        select
        from pgdispatch.closed_window
        where scope = 'schedule'
            and target = p_schedule.name
            and not run_at_end
    ) then
        return '{}';
    end if;
    v_runs := pgdispatch.closed_runs(p_schedule, p_now) || p_schedule.missed_for;
    loop
        v_run := pgdispatch.next_run(
            p_schedule.recurrence, p_schedule.time_zone, v_run, p_schedule.calendar,
            p_schedule.on_free_day
        );
        exit when v_run is null or v_run > p_until;
        v_runs := v_runs || v_run;
    end loop;
    return array(
        select distinct run
        from unnest(v_runs) as run
        cross join lateral pgdispatch.closing_of(p_schedule.name, run) as c
        where not c.run_at_end
        order by run
    );
exception
    when others then
        return '{}';
end
$$;

comment on function pgdispatch.closed_within(pgdispatch.schedule, timestamptz, timestamptz) is
'The times of a schedule that its closed windows swallow and that are not recorded yet, in order.';
