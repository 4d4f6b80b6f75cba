/* The gate of a datasource, by name: within its site, whose name holds no slash. */
create or replace function pgdispatch.datasource_gate(p_site text, p_datasource text)
returns text
language sql
immutable
as $$
    select 'datasource/' || p_site || '/' || p_datasource
$$;

comment on function pgdispatch.datasource_gate(text, text) is
'Name of the gate of a site''s datasource.';
