/* The last number that a sequence has given; 0: none, or it has lost its value. */
create or replace function pgdispatch.last_given(p_sequence text)
returns bigint
language sql
volatile
as $$
    select coalesce(pg_sequence_last_value(('pgdispatch.' || p_sequence)::regclass), 0)
$$;

comment on function pgdispatch.last_given(text) is 'The last number that a sequence has given.';
