/*
 * The past times of a schedule between two instants, both included, for which it can be backfilled.
 * What is older than occurrence_keep_days is refused: nobody knows any more which of those times
 * have had their jobs, so that a second job could not be told from a first one.
 */
create or replace function pgdispatch.backfill_runs(
    p_schedule pgdispatch.schedule,
    p_from timestamptz,
    p_to timestamptz
)
returns timestamptz[]
language plpgsql
as $$
declare
    v_days constant integer := pgdispatch.setting('occurrence_keep_days')::integer;
    v_since constant timestamptz := pgdispatch.now() - make_interval(days => v_days);
    v_runs timestamptz[] := '{}';
    v_run timestamptz;
    v_tasks bigint;
begin
    if p_schedule.recurrence is null then
        perform pgdispatch.refuse(
            format('schedule %s has no recurrence, so it had no times', p_schedule.name),
            'fire it for one time after the other'
        );
    elsif not p_schedule.enabled then
        perform pgdispatch.refuse(
            format('schedule %s is disabled: it creates no jobs', p_schedule.name),
            'enable it first'
        );
    elsif p_from is null or p_to is null or p_from > p_to then
        perform pgdispatch.refuse(
            'a backfill needs two instants, the earlier first',
            'give for example now() - interval ''3 days'' and now()'
        );
    elsif p_to > pgdispatch.now() then
        perform pgdispatch.refuse(
            format('the end %s lies ahead', p_to), 'end with now(): what lies ahead comes by itself'
        );
    elsif p_from < v_since then
        perform pgdispatch.refuse(
            format('what was served before %s has been forgotten', v_since),
            'begin later; setting occurrence_keep_days says what is kept from now on'
        );
    end if;
    v_run := pgdispatch.schedule_last_run(p_schedule, p_to);
    while v_run >= p_from loop
        if cardinality(v_runs) = 500 then
            perform pgdispatch.refuse(
                format('schedule %s had more than 500 times from %s to %s',
                    p_schedule.name, p_from, p_to),
                'take a shorter time, one after the other'
            );
        end if;
        v_runs := v_run || v_runs;
        v_run := pgdispatch.schedule_last_run(p_schedule, v_run - interval '1 microsecond');
    end loop;
    select count(*)
    into v_tasks
    from (
        select from pgdispatch.task where schedule = p_schedule.name and enabled
        union all
        select from pgdispatch.linked_task where schedule = p_schedule.name and enabled
    ) as tasks;
    if v_tasks * cardinality(v_runs) > 10000 then
        perform pgdispatch.refuse(
            format('%s times of %s tasks are more than 10000', cardinality(v_runs), v_tasks),
            'take a shorter time, one after the other'
        );
    end if;
    return v_runs;
end
$$;

comment on function pgdispatch.backfill_runs(pgdispatch.schedule, timestamptz, timestamptz) is
'The scheduled times of a schedule between two past instants, both included, earliest first: 500 '
'at most, and with all its enabled tasks 10,000. Refuses what cannot be backfilled (JD001).';
