/*
 * The scheduled times of a schedule that it skips now since nobody was up for them: the latest, as
 * many as max_missed_runs allows. A year of minutes is no reason to write half a million rows.
 */
create or replace function pgdispatch.missed_runs(
    p_schedule pgdispatch.schedule,
    p_now timestamptz
)
returns timestamptz[]
language plpgsql
as $$
declare
    v_runs timestamptz[] := '{}';
    v_run timestamptz := p_now - pgdispatch.seconds('missed_after_seconds');
begin
    if p_schedule.missed_runs = 'skip' then
        v_run := pgdispatch.schedule_last_run(p_schedule, v_run);
        while v_run >= p_schedule.next_run_at
            and cardinality(v_runs) < p_schedule.max_missed_runs loop
            v_runs := v_run || v_runs;
            v_run := pgdispatch.schedule_last_run(p_schedule, v_run - interval '1 microsecond');
        end loop;
    end if;
    return v_runs;
end
$$;

comment on function pgdispatch.missed_runs(pgdispatch.schedule, timestamptz) is
'The scheduled times since next_run_at that a schedule skips now, to be recorded: the latest '
'max_missed_runs of them, earliest first.';
