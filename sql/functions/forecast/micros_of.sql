/* A span as the forecast counts: in microseconds. Months and days count as everywhere here. */
create or replace function pgdispatch.micros_of(p_for interval)
returns bigint
language sql
immutable
as $$
    select (1000000 * extract(epoch from p_for))::bigint
$$;

comment on function pgdispatch.micros_of(interval) is 'A span in microseconds; null: none.';
