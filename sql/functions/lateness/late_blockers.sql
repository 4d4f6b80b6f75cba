/*
 * The jobs that were in the way of one, and whether they came before it in the order, by the
 * priority that it had when they started; false: they were running already, or it could not start.
 * With p_sites: is_seen says whether they are of these. Locks: none.
 */
create or replace function pgdispatch.late_blockers(
    p_jobs bigint[],
    p_job bigint,
    p_sites text[]
)
returns table (
    id bigint,
    title text,
    task bigint,
    schedule text,
    site text,
    is_seen boolean,
    is_before boolean
)
language plpgsql
stable
as $$
begin
    return query
    with known as materialized (
        select
            h.id, h.title, h.task, h.schedule, h.site, h.started_at, h.precedence, h.priority,
            h.queued_at, h.type_rank, h.tie_first, h.tie_second
        from pgdispatch.job_history as h
        where h.id = any (p_jobs || p_job)
        union all
        select
            j.id, j.title, j.task, j.schedule, j.site, j.started_at, j.precedence, j.priority,
            j.queued_at, j.type_rank, j.tie_first, j.tie_second
        from pgdispatch.job as j
        where j.id = any (p_jobs || p_job)
    ),
    own as materialized (
        select k.*, v.value::smallint as was, v.from_at, v.to_at
        from known as k
        cross join lateral pgdispatch.value_spans(
            'job', 'priority', jsonb_build_object(k.id, k.priority), '-infinity', 'infinity'
        ) as v
        where k.id = p_job
    )
    select
        k.id,
        k.title,
        k.task,
        k.schedule,
        k.site,
        p_sites is null or k.site = any (p_sites),
        (k.precedence, k.priority, k.queued_at, k.type_rank, k.tie_first, k.tie_second, k.id)
            < (o.precedence, coalesce(o.was, o.priority), o.queued_at, o.type_rank, o.tie_first,
                o.tie_second, o.id)
    from known as k
    left join own as o
        on coalesce(k.started_at, pgdispatch.now()) >= o.from_at
        and coalesce(k.started_at, pgdispatch.now()) < o.to_at
    where k.id = any (p_jobs);
end
$$;

comment on function pgdispatch.late_blockers(bigint[], bigint, text[]) is
'What is known of the jobs that were in the way of one, and which of them came before it.';
