/*
 * How many backgrounders it would take for what runs and what waits and could run now, by job type:
 * for those who start and stop nodes by it. What is paused, not due, or held by a gate does not
 * count, and of jobs that cannot run at once as many as can: one a datasource and serial schedule,
 * and as many as their site has room for. That no node takes a type, or drained ones only, does not
 * matter: to change that is what it is asked for.
 *
 * The first 10,000 are counted. Of all beyond one counts, whatever it waits for: there may be some
 * behind it that could run, and who starts the first node by that number learns of them.
 * Locks: none.
 */
create or replace function pgdispatch.desired_backgrounders()
returns table (
    type text,
    running bigint,
    startable bigint,
    desired bigint
)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_bitmapscan = off
set jit = off
as $$
declare
    v_most constant integer := 10001;
    v_shut constant jsonb := coalesce(
        (
            select jsonb_object_agg(o.gate, null)
            from pgdispatch.obstacles() as o
            where o.gate not like 'type/%'
        ),
        '{}'
    );
begin
    return query
    with looked as materialized (
        select *, row_number() over () as place
        from pgdispatch.startable_jobs(v_most)
    ),
    run as materialized (
        select j.type, j.site, count(*) as jobs
        from pgdispatch.job as j
        where j.state = 'running'
        group by j.type, j.site
    ),
    free as (
        select f.*, s.name as serial
        from (
            select
                l.type,
                l.site,
                l.datasource,
                l.schedule,
                min(l.job) as first,
                case when l.datasource is null then count(*) else 1 end as jobs
            from looked as l
            where l.place < v_most
            group by l.type, l.site, l.datasource, l.schedule
        ) as f
        left join pgdispatch.schedule as s on s.name = f.schedule and s.execution = 'serial'
        where not v_shut ?| array[
            'pause/all',
            'pause/site/' || f.site,
            'pause/type/' || f.type,
            'pause/schedule/' || f.schedule,
            'datasource/' || f.site || '/' || f.datasource,
            'schedule/' || f.schedule,
            'site/' || f.site
        ]
    ),
    one_a_datasource as (
        select distinct on (f.site, coalesce('/' || f.datasource, f.first::text)) f.*
        from free as f
        order by f.site, coalesce('/' || f.datasource, f.first::text), f.first
    ),
    one_a_schedule as (
        select distinct on (coalesce('/' || d.serial, d.first::text))
            d.type,
            d.site,
            d.first,
            case when d.serial is null then d.jobs else 1 end as jobs
        from one_a_datasource as d
        order by coalesce('/' || d.serial, d.first::text), d.first
    ),
    startable as (
        select
            f.type,
            case
                when f.room is null then f.jobs
                else least(f.jobs, greatest(f.jobs + f.room - f.jobs_so_far, 0))
            end as jobs
        from (
            select
                c.type,
                c.jobs,
                sum(c.jobs) over (partition by c.site order by c.first) as jobs_so_far,
                s.running_limit - coalesce(r.jobs, 0) as room
            from one_a_schedule as c
            left join pgdispatch.site as s on s.name = c.site
            left join (select u.site, sum(u.jobs) as jobs from run as u group by u.site) as r
                on r.site = c.site
        ) as f
        union all
        select l.type, 1
        from looked as l
        where l.place = v_most
    )
    select t.name, r.jobs, w.jobs, r.jobs + w.jobs
    from pgdispatch.job_type as t
    cross join lateral (
        select coalesce(sum(u.jobs), 0)::bigint as jobs from run as u where u.type = t.name
    ) as r
    cross join lateral (
        select coalesce(sum(u.jobs), 0)::bigint as jobs from startable as u where u.type = t.name
    ) as w
    order by
        t.rank,
        t.name;
end
$$;

comment on function pgdispatch.desired_backgrounders() is
'How many backgrounders it would take for what runs and for what waits and could run now, by job '
'type: running, startable, and both together. What is paused, not due or held by a gate does not '
'count, and of jobs that cannot run at once as many as can. Whether a node takes the type does not '
'matter. Counts the first 10,000 that might start; if there are more, one for all of those.';
