/*
 * The jobs that have ended and fit all that is given, the last first, each with why retry_job would
 * refuse it. So is what its task has made up for: it has run, or waits, again.
 * Locks: none. Of one task the last run alone is not refused.
 */
create or replace function pgdispatch.find_ended(
    p_outcome text default null,
    p_failed_as text default null,
    p_since timestamptz default null,
    p_until timestamptz default null,
    p_site text default null,
    p_type text default null,
    p_schedule text default null,
    p_task bigint default null,
    p_title text default null,
    p_error text default null,
    p_limit integer default 1000
)
returns table (
    job bigint,
    type text,
    site text,
    title text,
    schedule text,
    task bigint,
    outcome text,
    failed_as text,
    error text,
    ended_at timestamptz,
    refused text,
    found bigint
)
language plpgsql
stable
as $$
begin
    return query
    select
        h.id,
        h.type,
        h.site,
        h.title,
        h.schedule,
        h.task,
        h.outcome,
        h.failed_as,
        h.error,
        h.ended_at,
        case
            when r.job is not null then format('was retried as job %s', r.job)
            when h.task is null then null
            when t.id is null then format('task %s was deleted', h.task)
            when not t.enabled then format('task %s is disabled', h.task)
            when j.id is not null then format('task %s has job %s', h.task, j.id)
            when l.id is not null then format('task %s ran again as job %s', h.task, l.id)
        end,
        h.found
    from (
        select
            e.*,
            count(*) over () as found
        from pgdispatch.job_history as e
        where (p_outcome is null or e.outcome = p_outcome)
            and (p_failed_as is null or e.failed_as = p_failed_as)
            and e.ended_at >= coalesce(p_since, '-infinity')
            and e.ended_at < coalesce(p_until, 'infinity')
            and (p_site is null or e.site = p_site)
            and (p_type is null or e.type = p_type)
            and (p_schedule is null or e.schedule = p_schedule)
            and (p_task is null or e.task = p_task)
            and (p_title is null or strpos(lower(coalesce(e.title, '')), lower(p_title)) > 0)
            and (p_error is null or strpos(lower(coalesce(e.error, '')), lower(p_error)) > 0)
        order by e.ended_at desc, e.id desc
        limit greatest(least(coalesce(p_limit, 1000), 1000), 0)
    ) as h
    left join pgdispatch.retry as r on r.retry_of = h.id
    left join pgdispatch.task as t on t.id = h.task
    left join lateral (
        select o.id from pgdispatch.job as o where o.task = h.task order by o.id limit 1
    ) as j on true
    left join lateral (
        select o.id
        from pgdispatch.job_history as o
        where o.task = h.task
            and (o.ended_at, o.id) > (h.ended_at, h.id)
        order by o.ended_at desc, o.id desc
        limit 1
    ) as l on true
    order by h.ended_at desc, h.id desc;
end
$$;

comment on function pgdispatch.find_ended(
    text, text, timestamptz, timestamptz, text, text, text, bigint, text, text, integer
) is
'The jobs that ended from p_since and before p_until and have all that is given, p_title and '
'p_error as parts of theirs; the last first, at most 1000, each with how many are found in all. '
'refused: why it is not to be retried: it was, its task was deleted or disabled, has a job, or has '
'run again. Give a p_since: else it reads the whole history. For verbs: select '
'pgdispatch.retry_job(job) from pgdispatch.find_ended(''failed'', p_since => now() - interval '
'''6 hours'') where refused is null.';
