/*
 * Makes a row the one that counts in the table generation, under a new id. It is written by a
 * subtransaction, so that it has a transaction number of its own: every transaction that was under
 * way before this call, or the caller's, has a lower one, and tend_generations waits for those.
 * (The upper end of a snapshot will not do: transactions above it may be under way.)
 */
create or replace function pgdispatch.append_generation(p_row pgdispatch.generation)
returns void
language plpgsql
as $$
begin
    begin
        insert into pgdispatch.generation (
            step, open, older, floor_precedence, floor_priority, floor_queued_at,
            floor_type_rank, floor_tie_first, floor_tie_second, floor_id
        )
        values (
            p_row.step, p_row.open, p_row.older, p_row.floor_precedence, p_row.floor_priority,
            p_row.floor_queued_at, p_row.floor_type_rank, p_row.floor_tie_first,
            p_row.floor_tie_second, p_row.floor_id
        );
    exception
        when unique_violation then  -- there is none: this makes it a subtransaction
            raise;
    end;
end
$$;

comment on function pgdispatch.append_generation(pgdispatch.generation) is
'Appends a row to the table generation; from its commit on it is the one that counts.';
