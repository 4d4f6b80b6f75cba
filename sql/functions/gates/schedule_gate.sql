/* The gate of a serial schedule, by name. */
create or replace function pgdispatch.schedule_gate(p_schedule text)
returns text
language sql
immutable
as $$
    select 'schedule/' || p_schedule
$$;

comment on function pgdispatch.schedule_gate(text) is
'Name of the gate of a serial schedule.';
