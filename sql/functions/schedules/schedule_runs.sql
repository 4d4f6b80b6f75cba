/*
 * The next scheduled times of a schedule. The clock, views, previews and the forecast all ask here,
 * or for the time before in schedule_last_run, so that they agree.
 * Times within closed windows are none, or one at the end of the window. So the walk begins where
 * the window opened that is open at p_after: times before p_after may be at its end.
 */
create or replace function pgdispatch.schedule_runs(
    p_schedule pgdispatch.schedule,
    p_after timestamptz,
    p_count integer
)
returns timestamptz[]
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_tick constant interval := interval '1 microsecond';
    v_runs timestamptz[] := '{}';
    v_from timestamptz := p_after;
    v_run timestamptz;
    v_at timestamptz;
    v_closing record;
begin
    if p_after is null or not exists (
        select
        from pgdispatch.closed_window
        where scope = 'schedule'
            and target = p_schedule.name
            and enabled
    ) then
        return pgdispatch.next_runs(
            p_schedule.recurrence, p_schedule.time_zone, p_after, p_count, p_schedule.calendar,
            p_schedule.on_free_day
        );
    elsif p_schedule.recurrence is null then
        return null;
    end if;
    for v_count in 1..20 loop
        select * into v_closing from pgdispatch.closing_of(p_schedule.name, v_from) as c;
        exit when v_closing.opens_at is null;
        v_from := v_closing.opens_at - v_tick;
    end loop;
    -- a time that nothing leads out of the windows again is none
    for v_count in 1..least(p_count + 1000, 101000) loop
        v_run := pgdispatch.next_run(
            p_schedule.recurrence, p_schedule.time_zone, v_from, p_schedule.calendar,
            p_schedule.on_free_day
        );
        exit when v_run is null or cardinality(v_runs) = p_count;
        v_from := v_run;
        v_at := v_run;
        for v_chain in 1..20 loop
            select * into v_closing from pgdispatch.closing_of(p_schedule.name, v_at) as c;
            exit when v_closing.opens_at is null;
            v_from := greatest(v_from, v_closing.closes_at - v_tick);
            v_at := case when v_closing.run_at_end then v_closing.closes_at end;
            exit when v_at is null;
        end loop;
        if v_at > p_after and v_at is distinct from v_runs[cardinality(v_runs)] then
            v_runs := v_runs || v_at;
        end if;
    end loop;
    return v_runs;
end
$$;

comment on function pgdispatch.schedule_runs(pgdispatch.schedule, timestamptz, integer) is
'The next scheduled times of a schedule, strictly after an instant, in order, up to 100,000; null: '
'it has no recurrence. Times within its closed windows are none, or one at the end of the window.';
