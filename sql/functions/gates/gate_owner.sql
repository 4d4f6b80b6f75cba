/* Whose gate this is: the name of the schedule, of the site, or of the datasource's site. */
create or replace function pgdispatch.gate_owner(p_gate text)
returns text
language sql
immutable
as $$
    select case pgdispatch.gate_kind(p_gate)
        when 'schedule' then substr(p_gate, strpos(p_gate, '/') + 1)
        else split_part(p_gate, '/', 2)  -- a site's name holds no slash
    end
$$;

comment on function pgdispatch.gate_owner(text) is
'Whose gate this is: a schedule''s or a site''s, by name; of a datasource, that of its site.';
