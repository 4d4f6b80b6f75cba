/* The row of due that counts; without any, one that says that nothing has been done. */
create or replace function pgdispatch.last_due()
returns pgdispatch.due
language plpgsql
as $$
declare
    v_due pgdispatch.due;
begin
    select * into v_due from pgdispatch.due order by id desc limit 1;
    v_due.due_at := coalesce(v_due.due_at, '-infinity');
    v_due.has_delayed := coalesce(v_due.has_delayed, false);
    v_due.gates := coalesce(v_due.gates, '{}');
    v_due.passed_over := coalesce(v_due.passed_over, '{}');
    return v_due;
end
$$;

comment on function pgdispatch.last_due() is 'The row of the table due that counts.';
