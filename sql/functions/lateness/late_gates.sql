/* The gates at which a job can have waited, by name, as gate_spans names them. */
create or replace function pgdispatch.late_gates(
    p_site text,
    p_type text,
    p_datasource text,
    p_schedule text
)
returns text[]
language sql
immutable
as $$
    select array_remove(array[
        pgdispatch.pause_gate('all', ''), pgdispatch.pause_gate('site', p_site),
        pgdispatch.pause_gate('type', p_type), pgdispatch.pause_gate('schedule', p_schedule),
        'type/' || p_type, pgdispatch.datasource_gate(p_site, p_datasource),
        pgdispatch.schedule_gate(p_schedule), pgdispatch.site_gate(p_site)
    ], null)
$$;

comment on function pgdispatch.late_gates(text, text, text, text) is
'The gates at which a job of that site, type, datasource and schedule can have waited.';
