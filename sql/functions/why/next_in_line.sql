/* The reason of a waiting job that nothing keeps from starting but what is before it. */
create or replace function pgdispatch.next_in_line(
    p_ahead bigint,
    p_most integer,
    p_sites text[]
)
returns text
language sql
immutable
as $$
    select 'next in line behind ' || coalesce(
        p_ahead::text,
        'more than ' || p_most || case when p_sites is not null then ' of all sites' else '' end
    )
$$;

comment on function pgdispatch.next_in_line(bigint, integer, text[]) is
'The reason of a job that could start but for those before it; null: more than p_most, of all '
'sites for whoever is confined to some.';
