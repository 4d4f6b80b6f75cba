/* The gate of a pause, by name. It has no room, and is left when the pause ends. */
create or replace function pgdispatch.pause_gate(p_scope text, p_name text)
returns text
language sql
immutable
as $$
    select 'pause/' || p_scope || case when p_name <> '' then '/' || p_name else '' end
$$;

comment on function pgdispatch.pause_gate(text, text) is
'Name of the gate of a pause of everything (all), a site, a type or a schedule.';
