/*
 * Why one job waited, from when it was due until it started last, or now: its wait in spans that
 * leave nothing out, each with its reason and who was in the way. The seconds sum up to the wait
 * exactly. It waits, runs or has ended. All of it is read from what is kept anyway.
 *
 * Of another site's job a confined caller learns no more than that one was in the way.
 * Locks: none.
 */
create or replace function pgdispatch.why_late(p_job bigint)
returns table (
    from_at timestamptz,
    to_at timestamptz,
    seconds numeric,
    kind text,
    reason text,
    behind_job bigint,
    behind_title text,
    behind_task bigint,
    behind_schedule text,
    behind_site text,
    is_before_in_order boolean
)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_mergejoin = off
set enable_nestloop = off
set jit = off
as $$
#variable_conflict use_column
declare
    v_sites constant text[] := pgdispatch.caller_sites();
    v_late record;
    v_runs pgdispatch.run[];
begin
    select
        min(l.from_at) as from_at,
        max(l.to_at) as to_at,
        pgdispatch.late_gates(
            min(l.site), min(l.type), min(l.datasource), min(l.schedule)
        ) as gates
    into v_late
    from pgdispatch.late_spans('-infinity', 'infinity', p_job, v_sites) as l;
    if v_late.from_at is null then
        return;
    end if;
    v_runs := array(select r from pgdispatch.runs_between(v_late.from_at, v_late.to_at) as r);
    return query
    with part as materialized (
        select *
        from pgdispatch.wait_blame(
            v_late.from_at, v_late.to_at, p_job, v_sites, v_late.gates, v_runs
        )
    ),
    blame as (
        select
            b.from_at,
            b.to_at,
            b.kind,
            case
                when o.is_seen or b.behind_job is null then b.reason
                when b.kind = 'schedule' then 'serial schedule busy (job of another site)'
                else b.reason || ' (jobs of other sites)'
            end as reason,
            case when o.is_seen then o.id end as behind_job,
            case when o.is_seen then o.title end as behind_title,
            case when o.is_seen then o.task end as behind_task,
            case when o.is_seen then o.schedule end as behind_schedule,
            case when o.is_seen then o.site end as behind_site,
            case when o.is_seen then o.is_before end as is_before,
            b.micros
        from part as b
        left join pgdispatch.late_blockers(
            array(select distinct p.behind_job from part as p where p.behind_job is not null),
            p_job, v_sites
        ) as o on o.id = b.behind_job
    )
    select
        b.from_at, b.to_at, round(sum(b.micros) / 1000000, 6), b.kind, b.reason, b.behind_job,
        b.behind_title, b.behind_task, b.behind_schedule, b.behind_site, b.is_before
    from blame as b
    group by b.from_at, b.to_at, b.kind, b.reason, b.behind_job, b.behind_title, b.behind_task,
        b.behind_schedule, b.behind_site, b.is_before
    order by b.from_at, 3 desc, b.behind_job;
end
$$;

comment on function pgdispatch.why_late(bigint) is
'Why a job waited, from when it was due (its scheduled time; else when it was added or could '
'first start) until it started last, ended without a start, or now. A row for each span and each '
'job that was in the way in it; distinct spans follow one another without a gap, and seconds sum '
'up to the wait exactly. kind: time, paused, closed, no node, datasource, schedule, site budget, '
'site limit, as in queue; no backgrounder (nothing but a place, what queue calls next); not taken'
' (a backgrounder was free, yet it was not given out: held by a transaction, or a process was not'
' there); retry pause; ran before (an earlier attempt); node lost (one that its node took along);'
' claim (asked for, until it was given out); clock (added later than scheduled). At a site limit,'
' and without a backgrounder, each of the n jobs that ran has one n-th of each moment. '
'is_before_in_order: it came before this one; false: it was running already. Of other sites'' '
'jobs whoever is confined learns that they were in the way. No row: it is not known, or did not '
'wait.';
