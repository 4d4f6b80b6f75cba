/*
 * Starts the enabled linked tasks of a schedule for some scheduled times.
 * Locks: the caller holds the schedule's row; their rows, skipping what others hold: as in
 * fire_runs, nobody waits for a person.
 */
create or replace function pgdispatch.fire_linked_tasks(p_schedule text, p_runs timestamptz[])
returns integer
language plpgsql
as $$
declare
    v_linked_task bigint;
    v_run timestamptz;
    v_is_busy boolean;
    v_count integer := 0;
begin
    for v_linked_task in
        select id
        from pgdispatch.linked_task
        where schedule = p_schedule
            and enabled
        order by id
    loop
        perform from pgdispatch.linked_task where id = v_linked_task
        for no key update skip locked;
        v_is_busy := not found and pgdispatch.is_linked_task_starting(v_linked_task);
        foreach v_run in array p_runs loop
            v_count := v_count + (
                pgdispatch.start_linked_task(
                    v_linked_task, v_run, 'schedule ' || p_schedule, v_is_busy
                ) is not null
            )::integer;
        end loop;
    end loop;
    return v_count;
end
$$;

comment on function pgdispatch.fire_linked_tasks(text, timestamptz[]) is
'Starts the linked tasks of a schedule for these scheduled times; returns how many runs began.';
