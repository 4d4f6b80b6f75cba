/* The only clock: everything that asks what time it is asks here, so that it can be replaced. */
create or replace function pgdispatch.now()
returns timestamptz
language sql
volatile
as $$
    select pg_catalog.clock_timestamp()
$$;

comment on function pgdispatch.now() is
'The time of the database''s clock, moving within a transaction. No other clock is asked.';
