/*
 * The jobs that waited in a stretch of time, or the one named; p_sites: of these sites only. to_at
 * is its last start, or its end if it was cancelled while it waited, or now. Locks: none.
 */
create or replace function pgdispatch.late_jobs(
    p_from timestamptz,
    p_to timestamptz,
    p_job bigint,
    p_sites text[]
)
returns table (
    job bigint,
    site text,
    type text,
    datasource text,
    schedule text,
    task bigint,
    attempt integer,
    created_at timestamptz,
    scheduled_at timestamptz,
    not_before timestamptz,
    asked_at timestamptz,
    to_at timestamptz
)
language plpgsql
stable
as $$
begin
    return query
    select
        h.id, h.site, h.type, h.datasource, h.schedule, h.task, h.attempt, h.created_at,
        h.scheduled_at, h.not_before, h.asked_at, coalesce(h.started_at, h.ended_at)
    from pgdispatch.job_history as h
    where h.id = p_job
        and (p_sites is null or h.site = any (p_sites))
    union all
    select
        h.id, h.site, h.type, h.datasource, h.schedule, h.task, h.attempt, h.created_at,
        h.scheduled_at, h.not_before, h.asked_at, coalesce(h.started_at, h.ended_at)
    from pgdispatch.job_history as h
    where p_job is null
        and h.ended_at > p_from
        and coalesce(h.started_at, h.ended_at) > p_from
        and least(h.scheduled_at, h.created_at) < p_to
        and (p_sites is null or h.site = any (p_sites))
    union all
    select
        j.id, j.site, j.type, j.datasource, j.schedule, j.task, j.attempt, j.created_at,
        j.scheduled_at, j.not_before, j.asked_at, coalesce(j.started_at, pgdispatch.now())
    from pgdispatch.job as j
    where j.id = p_job
        and (p_sites is null or j.site = any (p_sites))
    union all
    select
        j.id, j.site, j.type, j.datasource, j.schedule, j.task, j.attempt, j.created_at,
        j.scheduled_at, j.not_before, j.asked_at, coalesce(j.started_at, pgdispatch.now())
    from pgdispatch.job as j
    where p_job is null
        and coalesce(j.started_at, p_to) > p_from
        and least(j.scheduled_at, j.created_at) < p_to
        and (p_sites is null or j.site = any (p_sites));
end
$$;

comment on function pgdispatch.late_jobs(timestamptz, timestamptz, bigint, text[]) is
'The jobs that waited at any moment between two times, or the one named, and until when.';
