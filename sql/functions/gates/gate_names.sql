/* The gates that come with these, by name; what is null has none. No two share a name. */
create or replace function pgdispatch.gate_names(
    p_site text,
    p_datasource text,
    p_serial_schedule text,
    p_is_limited boolean
)
returns text[]
language sql
immutable
as $$
    select array_remove(
        array[
            pgdispatch.datasource_gate(p_site, p_datasource),
            pgdispatch.schedule_gate(p_serial_schedule),
            case when p_is_limited then pgdispatch.site_gate(p_site) end
        ],
        null
    )
$$;

comment on function pgdispatch.gate_names(text, text, text, boolean) is
'Names of the gates of a site''s datasource, a serial schedule and a limited site, in this order.';
