/*
 * Everything that ran at any moment of a stretch of time: attempts that ended their job, those
 * that did not, and those that run, with the place in the order that their job has or had.
 *
 * The naive way, ended_at > p_from and started_at < p_to, reads all that has ended since. What
 * ended within is found by its end; of what ended later each backgrounder has one at most, its
 * next end.
 * Locks: none.
 */
create or replace function pgdispatch.runs_between(p_from timestamptz, p_to timestamptz)
returns setof pgdispatch.run
language plpgsql
stable
as $$
begin
    return query
    with hand as materialized (
        select b.name from pgdispatch.backgrounders_seen() as b (name)
    ),
    past as (
        select h.*
        from pgdispatch.job_history as h
        where h.ended_at > p_from
            and h.ended_at <= p_to
            and h.started_at is not null
        union all
        select h.*
        from hand
        cross join lateral (
            select *
            from pgdispatch.job_history as n
            where n.backgrounder = hand.name
                and n.ended_at > p_to
            order by n.ended_at
            limit 1
        ) as h
        where h.started_at < p_to
    )
    select p.id, true, p.site, p.datasource, p.schedule, p.node, p.started_at, p.ended_at
    from past as p
    union all
    select
        j.id, true, j.site, j.datasource, j.schedule, j.node, j.started_at,
        'infinity'::timestamptz
    from pgdispatch.job as j
    where j.state = 'running'
        and j.started_at < p_to
    union all
    select a.job, false, a.site, a.datasource, a.schedule, a.node, a.started_at, a.ended_at
    from pgdispatch.attempts_between(p_from, p_to, array(select name from hand)) as a;
end
$$;

comment on function pgdispatch.runs_between(timestamptz, timestamptz) is
'All that ran at any moment between two times,; ended_at is '
'infinity for what runs, is_last false for an attempt that did not end its job.';
