/*
 * What may need somebody, for metrics: numbers of the whole cluster, each with one label at most,
 * of which there are few. Of the waiting jobs the first 10,001 are looked at, see queue_counts and
 * desired_backgrounders.
 * horizon_seconds is of the oldest snapshot that the owner of this function may see. Takes no lock.
 */
create or replace function pgdispatch.cluster_alerts()
returns table (
    name text,
    label text,
    value double precision
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := pgdispatch.now();
    v_lease constant interval := pgdispatch.seconds('lease_seconds');
begin
    return query
    with counted as materialized (
        select * from pgdispatch.queue_counts()
    )
    select 'waiting', c.kind, sum(c.jobs)::double precision
    from counted as c
    group by c.kind
    union all
    select 'needs_person', null, coalesce(sum(c.jobs) filter (where c.needs_person), 0)
    from counted as c
    union all
    select 'suspended_tasks', null, count(*)
    from pgdispatch.suspension as s
    join pgdispatch.task as t
        on t.id = s.task
        and t.streak_since is not distinct from s.streak_since
    where t.enabled
    union all
    select 'overdue_schedules', null, count(*)
    from pgdispatch.schedule as s
    where s.next_run_at < v_now - interval '1 minute'
        and s.enabled
    union all
    select 'pauses', p.scope, count(*)
    from pgdispatch.pause as p
    where p.until is null
        or p.until > v_now
    group by p.scope
    union all
    select 'spent_budgets', null, count(*)
    from pgdispatch.site as s
    where s.seconds_limit > 0  -- one of 0 is meant
        and pgdispatch.is_budget_spent(s)
    union all
    select 'silent_nodes', null, count(*)
    from pgdispatch.node as n
    where n.heartbeat_at <= v_now - v_lease
        or n.heartbeat_at > v_now + v_lease
    union all
    select 'horizon_seconds', null, coalesce(
        max(extract(epoch from clock_timestamp() - a.xact_start)), 0
    )
    from pg_stat_activity as a
    where a.pid <> pg_backend_pid()
        and (a.backend_xmin is not null or a.backend_xid is not null)
        and (a.datname = current_database() or a.datname is null)
        and a.backend_type <> 'autovacuum worker'
    union all
    select 'desired_backgrounders', d.type, d.desired
    from pgdispatch.desired_backgrounders() as d;
end
$$;

comment on function pgdispatch.cluster_alerts() is
'Numbers of the whole cluster that may need somebody: jobs that wait by kind of reason, and those '
'that need a person, among the first 10,001; suspended tasks, overdue schedules, pauses by scope, '
'spent budgets, silent nodes, since when a snapshot is held, and how many backgrounders it would '
'take, by job type.';
