/* Whether any ready job comes before the given one in the order of dispatch. */
create or replace function pgdispatch.is_ready_before(p_job pgdispatch.job)
returns boolean
language plpgsql
as $$
declare
    v_first pgdispatch.job;
begin
    select *
    into v_first
    from pgdispatch.job
    where state = 'ready'
    order by precedence, priority, queued_at, type_rank, tie_first, tie_second, id
    limit 1;
    return found and (
        v_first.precedence, v_first.priority, v_first.queued_at, v_first.type_rank,
        v_first.tie_first, v_first.tie_second, v_first.id
    ) < (
        p_job.precedence, p_job.priority, p_job.queued_at, p_job.type_rank,
        p_job.tie_first, p_job.tie_second, p_job.id
    );
end
$$;

comment on function pgdispatch.is_ready_before(pgdispatch.job) is
'Whether a ready job comes before this one in the order of dispatch.';
