/*
 * What a schedule is to be fired for now, by its policy for missed runs, or is being fired for
 * already, part by part. Nulls: nothing, or it cannot be read, as its zone has gone, say: then the
 * clock cannot fire it either, and tells of it.
 */
create or replace function pgdispatch.runs_due(
    p_schedule pgdispatch.schedule,
    p_now timestamptz,
    out runs timestamptz[],
    out missed timestamptz[]
)
language plpgsql
stable
as $$
begin
    if p_schedule.firing_for is not null then
        runs := p_schedule.firing_for;
        missed := coalesce(p_schedule.missed_for, '{}');
    elsif p_schedule.next_run_at <= p_now then
        missed := pgdispatch.missed_runs(p_schedule, p_now)
            || pgdispatch.closed_runs(p_schedule, p_now);
        runs := pgdispatch.due_runs(p_schedule, p_now);
    end if;
exception
    when others then
        runs := null;
        missed := null;
end
$$;

comment on function pgdispatch.runs_due(pgdispatch.schedule, timestamptz) is
'The scheduled times that a schedule is fired for at once, and those that are recorded as missed '
'with them; nulls: it is not due, or its recurrence cannot be read.';
