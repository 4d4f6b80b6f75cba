/*
 * Starts enabled linked tasks of a schedule, after one of them and so many at most, for some
 * scheduled times.
 * Locks: none of its own; the caller holds the schedule's, as fire_runs says.
 */
create or replace function pgdispatch.fire_linked_tasks(
    p_schedule text,
    p_runs timestamptz[],
    p_after bigint,
    p_many integer,
    p_missed timestamptz[] default '{}',
    out jobs integer,
    out upto bigint
)
returns record
language plpgsql
as $$
declare
    v_linked_task bigint;
    v_run timestamptz;
    v_starting constant integer[] := pgdispatch.starts_under_way(
        pgdispatch.lock_class('linked_task_start')
    );
    v_left integer := p_many;
    v_closed constant timestamptz[] := array(
        select run
        from unnest(p_missed) as run
        cross join lateral pgdispatch.closing_of(p_schedule, run) as c
        where not c.run_at_end
    );
begin
    jobs := 0;
    for v_linked_task in
        select id
        from pgdispatch.linked_task
        where schedule = p_schedule
            and enabled
            and id > p_after
        order by id
        limit p_many
    loop
        insert into pgdispatch.linked_run
            (linked_task, scheduled_at, run_now, created_by, created_at, skipped_for)
        select
            t.id,
            run,
            false,
            'schedule ' || p_schedule,
            pgdispatch.now(),
            case when run = any (v_closed) then 'closed' else 'missed' end
        from pgdispatch.linked_task as t
        cross join unnest(p_missed) as run
        where t.id = v_linked_task
            and run >= t.enabled_at
        order by run
        on conflict do nothing;
        foreach v_run in array p_runs loop
            jobs := jobs + (
                pgdispatch.start_linked_task(
                    v_linked_task, v_run, 'schedule ' || p_schedule,
                    (v_linked_task % 2147483648)::integer = any (v_starting)
                ) is not null
            )::integer;
        end loop;
        v_left := v_left - 1;
        upto := case when v_left = 0 then v_linked_task end;
    end loop;
end
$$;

comment on function pgdispatch.fire_linked_tasks(
    text, timestamptz[], bigint, integer, timestamptz[]
) is
'Starts linked tasks of a schedule for these scheduled times: those numbered after p_after, '
'p_many at most (null: all). p_missed: times that are recorded as missed only. jobs: how many '
'runs began; upto: where to go on, null: all are done.';
