/*
 * Makes a row the one that counts in the table due, under a new id. Without anything left beyond
 * the floor it gets none.
 * Locks: the caller holds the lock 'due'.
 */
create or replace function pgdispatch.append_due(p_row pgdispatch.due)
returns void
language plpgsql
as $$
declare
    v_row pgdispatch.due;
begin
    if p_row.has_delayed or p_row.gates <> '{}' then
        v_row := p_row;
    end if;
    insert into pgdispatch.due (
        due_at, has_delayed, gates, passed_over, floor_precedence, floor_priority,
        floor_queued_at, floor_type_rank, floor_tie_first, floor_tie_second, floor_id, paused
    )
    values (
        p_row.due_at, p_row.has_delayed, p_row.gates, p_row.passed_over, v_row.floor_precedence,
        v_row.floor_priority, v_row.floor_queued_at, v_row.floor_type_rank, v_row.floor_tie_first,
        v_row.floor_tie_second, v_row.floor_id,
        nullif(p_row.paused, '{}')
    );
end
$$;

comment on function pgdispatch.append_due(pgdispatch.due) is
'Appends a row to the table due; from its commit on it is the one that counts.';
