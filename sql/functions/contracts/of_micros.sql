/* The instant that is so many microseconds after 1970 began, exactly. */
create or replace function pgdispatch.of_micros(p_micros bigint)
returns timestamptz
language sql
immutable
as $$
    select timestamptz '1970-01-01 00:00:00+00' + p_micros * interval '1 microsecond'
$$;

comment on function pgdispatch.of_micros(bigint) is
'The instant of so many microseconds since 1970 (UTC).';
