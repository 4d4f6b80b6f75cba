/*
 * Whether a job that was unparked at a gate of the table due has been parked there again.
 * Only the first is looked at: a comparison of all columns reads on to the end before version 18.
 */
create or replace function pgdispatch.is_parked_anew(p_due pgdispatch.due, p_gate text)
returns boolean
language plpgsql
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
set jit = off
as $$
begin
    return exists (
        select
        from (
            select precedence, priority, queued_at, type_rank, tie_first, tie_second, id
            from pgdispatch.job
            where state = 'parked'
                and gate = p_gate
                and id <> all (p_due.passed_over)
            order by precedence, priority, queued_at, type_rank, tie_first, tie_second, id
            limit 1
        ) as f
        where (
            f.precedence, f.priority, f.queued_at, f.type_rank, f.tie_first, f.tie_second, f.id
        ) <= (
            p_due.floor_precedence, p_due.floor_priority, p_due.floor_queued_at,
            p_due.floor_type_rank, p_due.floor_tie_first, p_due.floor_tie_second, p_due.floor_id
        )
    );
end
$$;

comment on function pgdispatch.is_parked_anew(pgdispatch.due, text) is
'Whether a job up to the floor of the table due is parked at this gate again.';
