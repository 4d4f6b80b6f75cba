/* The row of due with its floor before all jobs: so that they are all met again. */
create or replace function pgdispatch.lower_floor(p_due pgdispatch.due)
returns pgdispatch.due
language plpgsql
as $$
declare
    v_due pgdispatch.due := p_due;
begin
    v_due.floor_precedence := -1;
    v_due.floor_priority := 0;
    v_due.floor_queued_at := 'epoch';
    v_due.floor_type_rank := 0;
    v_due.floor_tie_first := 0;
    v_due.floor_tie_second := 0;
    v_due.floor_id := 0;
    return v_due;
end
$$;

comment on function pgdispatch.lower_floor(pgdispatch.due) is
'Returns a row of the table due whose floor is before all jobs.';
