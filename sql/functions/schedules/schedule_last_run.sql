/* The mirror image of schedule_runs. */
create or replace function pgdispatch.schedule_last_run(
    p_schedule pgdispatch.schedule,
    p_until timestamptz
)
returns timestamptz
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_tick constant interval := interval '1 microsecond';
    v_until timestamptz := p_until;
    v_opens_at timestamptz;
    v_run timestamptz;
    v_at timestamptz;
    v_closing record;
begin
    for v_count in 1..1000 loop
        v_run := pgdispatch.last_run(
            p_schedule.recurrence, p_schedule.time_zone, v_until, p_schedule.calendar,
            p_schedule.on_free_day
        );
        exit when v_run is null;
        v_at := v_run;
        v_opens_at := v_run;
        for v_chain in 1..20 loop
            select * into v_closing from pgdispatch.closing_of(p_schedule.name, v_at) as c;
            exit when v_closing.opens_at is null;
            v_opens_at := least(v_opens_at, v_closing.opens_at);
            v_at := case when v_closing.run_at_end then v_closing.closes_at end;
            exit when v_at is null;
        end loop;
        if v_at <= p_until then
            return v_at;
        end if;
        v_until := v_opens_at - v_tick;
    end loop;
    return null;
end
$$;

comment on function pgdispatch.schedule_last_run(pgdispatch.schedule, timestamptz) is
'The latest scheduled time of a schedule at or before an instant, by its calendar and its closed '
'windows; null: it has none.';
