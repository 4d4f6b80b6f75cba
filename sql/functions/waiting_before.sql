/* How many waiting jobs come before one in the order, counted in job_waiting_idx alone. */
create or replace function pgdispatch.waiting_before(p_job pgdispatch.job)
returns bigint
language plpgsql
stable
as $$
begin
    return count(*)
    from pgdispatch.job as j
    where j.backgrounder is null
        and (j.precedence, j.priority, j.queued_at, j.type_rank, j.tie_first, j.tie_second, j.id)
            < (p_job.precedence, p_job.priority, p_job.queued_at, p_job.type_rank,
                p_job.tie_first, p_job.tie_second, p_job.id);
end
$$;

comment on function pgdispatch.waiting_before(pgdispatch.job) is
'How many waiting jobs come before a waiting job in the order of dispatch.';
