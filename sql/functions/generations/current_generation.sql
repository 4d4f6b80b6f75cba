/*
 * The generation of a job that becomes ready now. The transaction gets its number first: whoever
 * reads the old generation is then waited for before that is closed. 0: the sequence has lost its
 * value, see catch_up_generations.
 */
create or replace function pgdispatch.current_generation()
returns integer
language sql
volatile
as $$
    select case
        when pg_catalog.pg_current_xact_id() is not null
            then coalesce(
                pg_catalog.pg_sequence_last_value('pgdispatch.ready_generation')::integer, 0
            )
    end
$$;

comment on function pgdispatch.current_generation() is
'The generation that a job gets when it becomes ready; see the table generation.';
