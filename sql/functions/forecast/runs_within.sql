/*
 * The scheduled times of a schedule after one instant and up to another, as the clock will come to
 * them: from its next_run_at on. It asks for few at a time, as nobody knows how many there are: a
 * hundred daily ones would be looked for through a hundred days. A schedule whose zone has gone,
 * or of which anything else cannot be read, has none: so it is with the clock, which tells of it.
 */
create or replace function pgdispatch.runs_within(
    p_schedule pgdispatch.schedule,
    p_after timestamptz,
    p_until timestamptz
)
returns timestamptz[]
language plpgsql
stable
as $$
declare
    v_runs timestamptz[] := '{}';
    v_more timestamptz[];
    v_after timestamptz :=
        greatest(p_after, p_schedule.next_run_at - interval '1 microsecond');
    v_many integer := 2;
begin
    if p_schedule.next_run_at is null or p_schedule.next_run_at > p_until then
        return v_runs;
    end if;
    loop
        v_more := pgdispatch.schedule_runs(p_schedule, v_after, v_many);
        v_runs := v_runs || v_more;
        exit when cardinality(v_more) < v_many or v_more[v_many] > p_until;
        v_after := v_more[v_many];
        v_many := least(4 * v_many, 1000);
    end loop;
    return array(select run from unnest(v_runs) as run where run <= p_until order by run);
exception
    when others then
        return '{}';
end
$$;

comment on function pgdispatch.runs_within(pgdispatch.schedule, timestamptz, timestamptz) is
'The scheduled times of an enabled schedule from its next_run_at on, after an instant and up to '
'another, both times in order; none if its recurrence cannot be read.';
