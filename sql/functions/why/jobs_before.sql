/*
 * How many waiting jobs come before one in the order, or how many that are ready; no more than
 * p_most are counted, in job_waiting_idx or in job_ready_idx alone.
 *
 * The naive way compares all seven columns as one row. PostgreSQL 15 to 17 then read on to the end
 * of all that is equal in the first column, which is everything; so the first two come apart. The
 * condition is put into the text, as each index serves one only.
 */
create or replace function pgdispatch.jobs_before(
    p_job pgdispatch.job,
    p_is_ready boolean,
    p_most integer
)
returns bigint
language plpgsql
stable
as $$
declare
    v_count bigint;
begin
    execute format(
        $query$
        select count(*)
        from (
            select
            from pgdispatch.job as j
            where %1$s
                and j.precedence < $1.precedence
            union all
            select
            from pgdispatch.job as j
            where %1$s
                and j.precedence = $1.precedence
                and j.priority < $1.priority
            union all
            select
            from pgdispatch.job as j
            where %1$s
                and j.precedence = $1.precedence
                and j.priority = $1.priority
                and (j.queued_at, j.type_rank, j.tie_first, j.tie_second, j.id)
                < ($1.queued_at, $1.type_rank, $1.tie_first, $1.tie_second, $1.id)
            limit $2
        ) as before
        $query$,
        case
            when p_is_ready then 'j.state = ''ready'' and j.generation = any ($3)'
            else 'j.backgrounder is null'
        end
    )
    into v_count
    using p_job, p_most, array(select pgdispatch.live_generations());
    return v_count;
end
$$;

comment on function pgdispatch.jobs_before(pgdispatch.job, boolean, integer) is
'How many waiting jobs, or of them those that are ready, come before this one in the order, '
'counted to p_most.';
