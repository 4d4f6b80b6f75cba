/*
 * A step of a linked task has ended: creates the next one, unless it failed and stops the run, or
 * was cancelled, which ends the run (semantics 6).
 */
create or replace function pgdispatch.end_step(
    p_linked_run bigint,
    p_step integer,
    p_outcome text
)
returns void
language plpgsql
as $$
declare
    v_run pgdispatch.linked_run;
    v_stops boolean;
begin
    select * into v_run from pgdispatch.linked_run where id = p_linked_run;
    select stop_on_failure
    into v_stops
    from pgdispatch.linked_task_step
    where linked_task = v_run.linked_task
        and step = p_step;
    if p_outcome = 'succeeded' or (p_outcome = 'failed' and not coalesce(v_stops, true)) then
        perform pgdispatch.start_step(v_run, p_step);
    end if;
end
$$;

comment on function pgdispatch.end_step(bigint, integer, text) is
'Starts the step after one that has ended, if its outcome lets the run go on.';
