/*
 * How many waiting jobs come before a place in the order, or how many that are ready; null: more
 * than p_most. They are counted in job_waiting_idx or in job_ready_idx alone. For the jobs of some
 * sites only, p_most bounds how many of all sites are looked at, as no index knows the site: these
 * are counted first, in the index, as the jobs themselves take seven times as long.
 *
 * The naive way compares all seven columns as one row. PostgreSQL 15 to 17 then read on to the end
 * of all that is equal in the first column, which is everything; so the first two come apart. The
 * condition is put into the text, as each index serves one only.
 */
create or replace function pgdispatch.jobs_before(
    p_job pgdispatch.job,
    p_is_ready boolean,
    p_most integer,
    p_sites text[] default null
)
returns bigint
language plpgsql
stable
as $$
declare
    v_count bigint;
begin
    if p_sites is not null and pgdispatch.jobs_before(p_job, p_is_ready, p_most) is null then
        return null;
    end if;
    execute format(
        $query$
        select case when count(*) <= $2 then count(*) filter (where %2$s) end
        from (
            select %3$s
            from pgdispatch.job as j
            where %1$s
                and j.precedence < $1.precedence
            union all
            select %3$s
            from pgdispatch.job as j
            where %1$s
                and j.precedence = $1.precedence
                and j.priority < $1.priority
            union all
            select %3$s
            from pgdispatch.job as j
            where %1$s
                and j.precedence = $1.precedence
                and j.priority = $1.priority
                and (j.queued_at, j.type_rank, j.tie_first, j.tie_second, j.id)
                < ($1.queued_at, $1.type_rank, $1.tie_first, $1.tie_second, $1.id)
            limit $2 + 1
        ) as before
        $query$,
        case
            when p_is_ready then 'j.state = ''ready'' and j.generation = any ($3)'
            else 'j.backgrounder is null'
        end,
        case when p_sites is null then 'true' else 'site = any ($4)' end,
        case when p_sites is null then '' else 'j.site' end
    )
    into v_count
    using p_job, p_most, array(select pgdispatch.live_generations()), p_sites;
    return v_count;
end
$$;

comment on function pgdispatch.jobs_before(pgdispatch.job, boolean, integer, text[]) is
'How many waiting jobs, or of them those that are ready, come before this place in the order; '
'null: more than p_most. With p_sites only theirs are counted, if no more than p_most of all sites '
'come before it.';
