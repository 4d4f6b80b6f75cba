/* A time as the clocks of a zone show it, with the name of the zone. */
create or replace function pgdispatch.local_words(p_at timestamptz, p_time_zone text)
returns text
language sql
stable
as $$
    select to_char(p_at at time zone p_time_zone, 'YYYY-MM-DD HH24:MI') || ' ' || p_time_zone
$$;

comment on function pgdispatch.local_words(timestamptz, text) is
'A time as the clocks of a zone show it, with the zone; null: not known.';
