/*
 * What jobs waited for in a stretch of time: why_late of all of them, summed, in one pass. Of each
 * job what lies within counts. For whoever is confined the jobs of its sites; behind whose schedule
 * it says where the job in the way is theirs, too. Locks: none.
 */
create or replace function pgdispatch.waits(
    p_from timestamptz,
    p_to timestamptz default null
)
returns table (
    site text,
    schedule text,
    task bigint,
    type text,
    kind text,
    behind_schedule text,
    jobs bigint,
    seconds numeric
)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set work_mem = '64MB'
set enable_mergejoin = off
set enable_nestloop = off
set jit = off
as $$
declare
    v_sites constant text[] := pgdispatch.caller_sites();
    v_to constant timestamptz := least(p_to, pgdispatch.now());  -- null: now
    v_runs pgdispatch.run[];
begin
    if p_from is null or not isfinite(p_from) or p_from >= coalesce(p_to, v_to) then
        perform pgdispatch.refuse(
            format('there is no time from %s to %s', p_from, coalesce(p_to, v_to)),
            'p_from: when it begins, p_to: when it ends, later than that'
        );
    elsif v_to - p_from > interval '31 days' then
        perform pgdispatch.refuse(
            format('from %s to %s is too long', p_from, v_to), 'ask for 31 days at most'
        );
    end if;
    v_runs := array(select r from pgdispatch.runs_between(p_from, v_to) as r);
    return query
    with blocker as materialized (
        select distinct on (r.job) r.job, r.schedule
        from unnest(v_runs) as r
        where v_sites is null
            or r.site = any (v_sites)
    ),
    of_job as (  -- one row for each job first: to count distinct jobs would sort all of it
        select
            b.job,
            min(b.site) as site,
            min(b.schedule) as schedule,
            min(b.task) as task,
            min(b.type) as type,
            b.kind,
            k.schedule as behind_schedule,
            sum(b.micros) as micros
        from pgdispatch.wait_blame(p_from, v_to, null, v_sites, null, v_runs) as b
        left join blocker as k on k.job = b.behind_job
        group by b.job, b.kind, k.schedule
    )
    select
        o.site,
        o.schedule,
        o.task,
        o.type,
        o.kind,
        o.behind_schedule,
        count(*),
        round(sum(o.micros) / 1000000, 6)
    from of_job as o
    group by o.site, o.schedule, o.task, o.type, o.kind, o.behind_schedule
    order by 8 desc;
end
$$;

comment on function pgdispatch.waits(timestamptz, timestamptz) is
'What jobs waited for between two times (p_to null: until now): seconds by site, schedule, task, '
'type, kind of reason (as in why_late) and the schedule of the jobs in the way, summed over all '
'jobs that waited then; jobs: how many did so. Sums over any of these are exact. JD001: 31 days at '
'most, the first before the second.';
