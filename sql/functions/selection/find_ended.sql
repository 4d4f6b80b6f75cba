/*
 * The jobs that have ended and fit all that is given: those that are to be retried first, then
 * those that are not, each with why; of both the last first. So the bound is on what is left to do,
 * and who does that and asks again gets on. What its task has made up for is not to be retried: it
 * has run, or waits, again. A run that was cancelled has made up for nothing.
 * Locks: none. Of one task the last run alone is to be retried.
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
    p_datasource text default null,
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
    linked_task bigint,
    step integer,
    refused text,
    found bigint,
    to_retry bigint
)
language plpgsql
stable
as $$
begin
    return query
    select
        k.id,
        k.type,
        k.site,
        k.title,
        k.schedule,
        k.task,
        k.outcome,
        k.failed_as,
        k.error,
        k.ended_at,
        k.linked_task,
        k.step,
        k.refused,
        count(*) over (),
        count(*) filter (where k.refused is null) over ()
    from (
        select
            h.*,
            n.linked_task,
            case
                when r.job is not null then format('was retried as job %s', r.job)
                when h.task is not null and t.id is null then format('task %s was deleted', h.task)
                when not t.enabled then format('task %s is disabled', h.task)
                when j.id is not null then format('task %s has job %s', h.task, j.id)
                when l.id is not null then format('task %s ran again as job %s', h.task, l.id)
                when h.task is not null and h.id <> h.last_of_task
                    then format('task %s has ended as job %s since', h.task, h.last_of_task)
                when h.task is null and s.name is null
                    then format('there is no site %s any more', h.site)
                when h.task is null and y.name is null
                    then format('there is no job type %s any more', h.type)
                when h.task is null and h.schedule is not null and c.name is null
                    then format('there is no schedule %s any more', h.schedule)
                when h.type = 'notice' and p_type is null
                    then 'delivers notices; name the type to retry it'
            end as refused
        from (
            select
                e.id,
                e.type,
                e.site,
                e.title,
                e.schedule,
                e.task,
                e.outcome,
                e.failed_as,
                e.error,
                e.ended_at,
                e.linked_run,
                e.step,
                first_value(e.id) over (
                    partition by e.task order by e.ended_at desc, e.id desc
                ) as last_of_task
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
                and (p_datasource is null or e.datasource = p_datasource)
        ) as h
        left join pgdispatch.retry as r on r.retry_of = h.id
        left join pgdispatch.task as t on t.id = h.task
        left join pgdispatch.linked_run as n on n.id = h.linked_run
        left join pgdispatch.site as s on s.name = h.site
        left join pgdispatch.job_type as y on y.name = h.type
        left join pgdispatch.schedule as c on c.name = h.schedule
        left join lateral (
            select o.id from pgdispatch.job as o where o.task = h.task order by o.id limit 1
        ) as j on true
        left join lateral (
            select o.id
            from pgdispatch.job_history as o
            where o.task = h.task
                and o.ended_at >= h.ended_at  -- of the pair below no partition is left out
                and (o.ended_at, o.id) > (h.ended_at, h.id)
                and o.outcome <> 'cancelled'
            order by o.ended_at desc, o.id desc
            limit 1
        ) as l on true
    ) as k
    order by k.refused is not null, k.ended_at desc, k.id desc
    limit greatest(least(coalesce(p_limit, 1000), 1000), 0);
end
$$;

comment on function pgdispatch.find_ended(
    text, text, timestamptz, timestamptz, text, text, text, bigint, text, text, text, integer
) is
'The jobs that ended from p_since and before p_until and have all that is given, p_title and '
'p_error as parts of theirs, at most 1000, each with how many are found in all, and how many of '
'them are to_retry: these come first, of them and of the others the last first. refused: why it is '
'not to be retried: it was; its task was deleted or disabled, has a job, or has run again (what '
'was cancelled has not); its site, type or schedule is no more; it delivers notices, and p_type '
'does not say so. linked_task and step: of which it was a step; a retry runs that step alone. Give '
'a p_since: else it reads the whole history. For verbs: select pgdispatch.retry_job(job) from '
'pgdispatch.find_ended(''failed'', p_since => now() - interval ''6 hours'') where refused is null.';
