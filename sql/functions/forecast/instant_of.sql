/* An instant that a simulation counts in microseconds since 1970. Exact for all years to 2255. */
create or replace function pgdispatch.instant_of(p_micros double precision)
returns timestamptz
language sql
immutable
as $$
    select timestamptz '1970-01-01 00:00:00+00' + p_micros * interval '1 microsecond'
$$;

comment on function pgdispatch.instant_of(double precision) is
'The instant so many microseconds after 1970-01-01 00:00 UTC.';
