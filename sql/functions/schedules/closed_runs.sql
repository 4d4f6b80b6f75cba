/*
 * The times of a schedule that its closed windows have swallowed since its last run, of the last 31
 * days: the latest 100, to be recorded. A task has those since it was enabled.
 */
create or replace function pgdispatch.closed_runs(
    p_schedule pgdispatch.schedule,
    p_now timestamptz
)
returns timestamptz[]
language plpgsql
stable
as $$
declare
    v_runs timestamptz[] := '{}';
    v_since constant timestamptz := greatest(
        p_schedule.last_run_at, p_now - interval '31 days'
    );
    v_run timestamptz := p_now;
    v_name text;
begin
    if not exists (
        select
        from pgdispatch.closed_window
        where scope = 'schedule'
            and target = p_schedule.name
            and not run_at_end
    ) then
        return v_runs;
    end if;
    for v_count in 1..400 loop
        v_run := pgdispatch.last_run(
            p_schedule.recurrence, p_schedule.time_zone, v_run - interval '1 microsecond',
            p_schedule.calendar, p_schedule.on_free_day
        );
        exit when v_run is null or v_run <= v_since or cardinality(v_runs) = 100;
        select c.name
        into v_name
        from pgdispatch.closing_of(p_schedule.name, v_run) as c
        where not c.run_at_end;
        if v_name is not null then
            v_runs := v_run || v_runs;
        end if;
    end loop;
    return v_runs;
end
$$;

comment on function pgdispatch.closed_runs(pgdispatch.schedule, timestamptz) is
'The times of a schedule since its last run that its closed windows have swallowed, to be '
'recorded: the latest 100.';
