/* An instant as the forecast counts: whole microseconds since 1970, which JSON holds exactly. */
create or replace function pgdispatch.micros(p_at timestamptz)
returns bigint
language sql
immutable
as $$
    select (1000000 * extract(epoch from p_at))::bigint
$$;

comment on function pgdispatch.micros(timestamptz) is
'An instant in microseconds since 1970 (UTC); null: none, or an infinite one is refused.';
