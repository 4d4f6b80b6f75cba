/*
 * The gates that come with these, by name; what is null has none. Datasources are named within
 * their site, and a site's name holds no slash, so no two gates share a name.
 */
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
            'datasource/' || p_site || '/' || p_datasource,
            'schedule/' || p_serial_schedule,
            case when p_is_limited then 'site/' || p_site end
        ],
        null
    )
$$;

comment on function pgdispatch.gate_names(text, text, text, boolean) is
'Names of the gates of a site''s datasource, a serial schedule and a limited site, in this order.';
