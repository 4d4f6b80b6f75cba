/*
 * How many ready jobs come before one in the order, counted in job_ready_idx alone, generation by
 * generation; no more than p_most are counted.
 *
 * The naive way compares all seven columns as one row. PostgreSQL 15 to 17 then read on to the end
 * of all that is equal in the first column, which is everything; so the first two come apart.
 */
create or replace function pgdispatch.ready_before(p_job pgdispatch.job, p_most integer)
returns bigint
language plpgsql
stable
as $$
begin
    return (
        select count(*)
        from (
            select
            from pgdispatch.live_generations() as g (number)
            cross join lateral (
                select
                from pgdispatch.job as j
                where j.state = 'ready'
                    and j.generation = g.number
                    and j.precedence < p_job.precedence
                union all
                select
                from pgdispatch.job as j
                where j.state = 'ready'
                    and j.generation = g.number
                    and j.precedence = p_job.precedence
                    and j.priority < p_job.priority
                union all
                select
                from pgdispatch.job as j
                where j.state = 'ready'
                    and j.generation = g.number
                    and j.precedence = p_job.precedence
                    and j.priority = p_job.priority
                    and (j.queued_at, j.type_rank, j.tie_first, j.tie_second, j.id) < (
                        p_job.queued_at, p_job.type_rank, p_job.tie_first, p_job.tie_second,
                        p_job.id
                    )
            ) as before
            limit p_most
        ) as counted
    );
end
$$;

comment on function pgdispatch.ready_before(pgdispatch.job, integer) is
'How many ready jobs come before this one in the order of dispatch, counted to p_most.';
