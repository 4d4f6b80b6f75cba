/*
 * How many jobs wait, by site, kind of reason, type, state, and whether they need a person, as the
 * view queue shows them: of the first 10,001, as to count a million takes a tenth of a second, and
 * tells nobody more. The reason is found for those alone that the caller may see. How many there
 * are is counted in the index once more: to keep what was read takes longer. Locks: none.
 */
create or replace function pgdispatch.queue_counts()
returns table (
    site text,
    kind text,
    type text,
    state text,
    needs_person boolean,
    jobs bigint,
    is_complete boolean
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
    v_now constant timestamptz := pgdispatch.now();
    v_sites constant text[] := pgdispatch.caller_sites();
begin
    return query
    with alike as (
        select
            f.*,
            count(*) as jobs
        from (
            select
                j.site,
                j.type,
                j.state,
                coalesce(j.not_before > v_now, false) as is_early,
                j.datasource,
                j.schedule
            from pgdispatch.job as j
            where j.backgrounder is null
            order by precedence, priority, queued_at, type_rank, tie_first, tie_second, id
            limit 10001
        ) as f
        where v_sites is null
            or f.site = any (v_sites)
        group by f.site, f.type, f.state, f.is_early, f.datasource, f.schedule
    ),
    obstacle as materialized (
        select o.gate, o.kind, o.needs_person
        from pgdispatch.obstacles() as o
    ),
    counted as (
        select
            f.site,
            case
                when f.is_early then 'time'
                else coalesce(
                    p.kind, ps.kind, pt.kind, pc.kind, t.kind, d.kind, s.kind, l.kind, 'next'
                )
            end as kind,
            f.type,
            f.state,
            not f.is_early and coalesce(
                p.needs_person, ps.needs_person, pt.needs_person, pc.needs_person, t.needs_person,
                d.needs_person, s.needs_person, l.needs_person, false
            ) as needs_person,
            sum(f.jobs)::bigint as jobs
        from alike as f
        left join obstacle as p on p.gate = 'pause/all'
        left join obstacle as ps on ps.gate = 'pause/site/' || f.site
        left join obstacle as pt on pt.gate = 'pause/type/' || f.type
        left join obstacle as pc on pc.gate = 'pause/schedule/' || f.schedule
        left join obstacle as t on t.gate = 'type/' || f.type
        left join obstacle as d on d.gate = 'datasource/' || f.site || '/' || f.datasource
        left join obstacle as s on s.gate = 'schedule/' || f.schedule
        left join obstacle as l on l.gate = 'site/' || f.site
        group by
            1,
            2,
            3,
            4,
            5
    )
    select
        c.site,
        c.kind,
        c.type,
        c.state,
        c.needs_person,
        coalesce(c.jobs, 0),
        a.is_complete
    from (
        select count(*) < 10001 as is_complete
        from (
            select
            from pgdispatch.job as j
            where j.backgrounder is null
            order by precedence, priority, queued_at, type_rank, tie_first, tie_second, id
            limit 10001
        ) as first
    ) as a
    left join counted as c on true
    where c.jobs is not null
        or not a.is_complete;
end
$$;

comment on function pgdispatch.queue_counts() is
'How many jobs wait, by site, kind of reason, type, state, and whether they need a person, as '
'queue shows them. Only the first 10,001 of all are counted: is_complete says whether that was '
'all. If none of those is the caller''s, one row says just that.';
