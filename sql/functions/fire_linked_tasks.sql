/*
 * Starts the enabled linked tasks of a schedule for some scheduled times.
 * Locks: none of its own; the caller holds the schedule's, as fire_runs says.
 */
create or replace function pgdispatch.fire_linked_tasks(p_schedule text, p_runs timestamptz[])
returns integer
language plpgsql
as $$
declare
    v_linked_task bigint;
    v_run timestamptz;
    v_starting constant integer[] := pgdispatch.under_way(1885824111);
    v_count integer := 0;
begin
    for v_linked_task in
        select id
        from pgdispatch.linked_task
        where schedule = p_schedule
            and enabled
        order by id
    loop
        foreach v_run in array p_runs loop
            v_count := v_count + (
                pgdispatch.start_linked_task(
                    v_linked_task, v_run, 'schedule ' || p_schedule,
                    (v_linked_task % 2147483648)::integer = any (v_starting)
                ) is not null
            )::integer;
        end loop;
    end loop;
    return v_count;
end
$$;

comment on function pgdispatch.fire_linked_tasks(text, timestamptz[]) is
'Starts the linked tasks of a schedule for these scheduled times; returns how many runs began.';
