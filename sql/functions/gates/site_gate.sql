/* The gate of a site with a limit or a budget, by name. */
create or replace function pgdispatch.site_gate(p_site text)
returns text
language sql
immutable
as $$
    select 'site/' || p_site
$$;

comment on function pgdispatch.site_gate(text) is
'Name of the gate of a site with a limit or a budget.';
