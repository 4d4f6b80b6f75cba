/*
 * The waits of jobs, cut up by what the jobs' own rows tell: added late, told to wait, attempts
 * that came before, the claim. What is left has no kind yet. The spans of a job do not overlap,
 * and leave nothing out from when it was due until it started last. A job is due at its scheduled
 * time; without one when it is added, or when it may first start.
 */
create or replace function pgdispatch.late_spans(
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
    from_at timestamptz,
    to_at timestamptz,
    kind text,
    reason text
)
language plpgsql
stable
as $$
begin
    return query
    with late as materialized (
        select l.* from pgdispatch.late_jobs(p_from, p_to, p_job, p_sites) as l
    ),
    try as (
        select
            a.job, a.attempt, coalesce(a.asked_at, a.started_at) as asked_at,
            coalesce(a.started_at, a.asked_at) as started_at, a.ended_at, a.ended_as,
            a.due_at as not_before
        from late as l
        join pgdispatch.attempt as a on a.job = l.job
        where l.attempt > (l.asked_at is not null)::integer
        union all
        select l.job, 2147483647, l.asked_at, l.to_at, null, null, l.not_before
        from late as l
    ),
    step as (
        select
            l.*,
            t.attempt as n,
            t.started_at,
            t.ended_at,
            t.ended_as,
            coalesce(lag(t.ended_at) over one_job, l.created_at) as back_at,
            lag(t.attempt) over one_job as last_attempt,
            lag(t.ended_as) over one_job as last_ended_as,
            case when t.not_before is not null then least(t.not_before, t.started_at) end
                as may_start_at,  -- least passes over a null
            t.asked_at as claimed_at,
            coalesce(l.scheduled_at, greatest(
                l.created_at, first_value(t.not_before) over one_job
            )) as due_at
        from late as l
        join try as t on t.job = l.job
        window one_job as (partition by t.job order by t.attempt)
    )
    select
        s.job, s.site, s.type, s.datasource, s.schedule, s.task, c.since, c.until, p.kind, p.reason
    from step as s
    cross join lateral (
        select
            greatest(s.back_at, s.may_start_at) as open_at,
            least(greatest(s.claimed_at, s.back_at, s.may_start_at), s.started_at) as asked
    ) as o
    cross join lateral (
        values
            (s.due_at, case when s.last_attempt is null then s.created_at end, 'clock',
                'added late'),
            (s.back_at, s.may_start_at,
                case
                    when s.last_ended_as in ('error', 'killed', 'timed out') then 'retry pause'
                    else 'time'
                end,
                case
                    when s.last_ended_as = 'snoozed' then 'its handler wanted it later'
                    when s.last_attempt is not null
                        then format('attempt %s had failed', s.last_attempt)
                    else 'it was not to start before'
                end),
            (o.open_at, case when s.claimed_at is null then s.started_at else o.asked end, null,
                null),
            (o.asked, case when s.claimed_at is not null then s.started_at end, 'claim',
                'asked for, but not given out yet'),
            (s.started_at, s.ended_at,
                case s.ended_as when 'lost' then 'node lost' else 'ran before' end,
                format('attempt %s: %s', s.n, s.ended_as))
    ) as p (since, until, kind, reason)
    cross join lateral (
        select
            greatest(p.since, s.due_at, p_from) as since,
            least(p.until, s.to_at, p_to) as until
    ) as c
    where c.since < c.until
        and p.until is not null;
end
$$;

comment on function pgdispatch.late_spans(timestamptz, timestamptz, bigint, text[]) is
'The waits of jobs by what their own rows tell of them; no kind: what was in the way is to be '
'found elsewhere.';
