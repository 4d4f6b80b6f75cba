/*
 * The scheduled times of a schedule that have to be served now, by its policy for missed runs
 * (semantics 6). A time is missed if it is longer past than missed_after_seconds.
 */
create or replace function pgdispatch.due_runs(
    p_schedule pgdispatch.schedule,
    p_now timestamptz
)
returns timestamptz[]
language plpgsql
as $$
declare
    v_missed_until constant timestamptz := p_now - pgdispatch.seconds('missed_after_seconds');
    v_runs timestamptz[] := '{}';
    v_missed integer := 0;
    v_run timestamptz;
begin
    v_run := pgdispatch.schedule_last_run(p_schedule, p_now);
    while v_run >= p_schedule.next_run_at loop
        if v_run <= v_missed_until then
            v_missed := v_missed + 1;
            exit when case p_schedule.missed_runs
                when 'skip' then true
                when 'once' then v_runs <> '{}'
                else v_missed > p_schedule.max_missed_runs
            end;
        end if;
        v_runs := v_run || v_runs;
        v_run := pgdispatch.schedule_last_run(p_schedule, v_run - interval '1 microsecond');
    end loop;
    return v_runs;
end
$$;

comment on function pgdispatch.due_runs(pgdispatch.schedule, timestamptz) is
'The scheduled times since next_run_at that a schedule has to be fired for now, earliest first.';
