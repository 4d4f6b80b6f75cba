/* The gates that come with these, by name; what is null has none. No two share a name. */
create or replace function pgdispatch.gate_names(
    p_site text,
    p_datasource text,
    p_serial_schedule text,
    p_is_limited boolean,
    p_pause text default null
)
returns text[]
language sql
immutable
as $$
    select array_remove(
        array[
            p_pause,
            pgdispatch.datasource_gate(p_site, p_datasource),
            pgdispatch.schedule_gate(p_serial_schedule),
            case when p_is_limited then pgdispatch.site_gate(p_site) end
        ],
        null
    )
$$;

comment on function pgdispatch.gate_names(text, text, text, boolean, text) is
'Names of the gates of a pause, a site''s datasource, a serial schedule and a limited site, in '
'this order.';
