/*
 * Records what is so now and has not been told: lost nodes, late schedules, and with p_closely
 * spent budgets. A node is lost when the heartbeats have been watched for a whole lease, as for its
 * jobs: while the database was away nobody could send one. A budget of 0 is meant to be spent.
 * Locks: none.
 */
create or replace function pgdispatch.see_states(p_closely boolean)
returns void
language plpgsql
as $$
declare
    v_now constant timestamptz := pgdispatch.now();
    v_lease constant interval := pgdispatch.seconds('lease_seconds');
    v_whats constant text[] := array(select distinct what from pgdispatch.notice_rule);
    v_notice pgdispatch.notice;
begin
    for v_notice in
        select
            null::bigint as id, v_now as at, 'node_lost' as what, '' as target,
            format('node %s has given no sign of life since %s UTC', n.name,
                to_char(n.heartbeat_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS')) as text,
            null::text as error, null::text as site, null::text as type, null::text as schedule,
            null::bigint as task, null::bigint as job, n.name as node, null::text as title,
            1 as after, n.heartbeat_at as since
        from pgdispatch.node as n
        where 'node_lost' = any (v_whats)
            and n.heartbeat_at <= v_now - v_lease
            and exists (
                select
                from pgdispatch.watch as w
                where w.since <= v_now - v_lease
                    and w.observed_at > v_now - greatest(v_lease / 2, interval '4 s')
                    and w.server_started_at = pg_postmaster_start_time()
            )
        union all
        select
            null, v_now, 'schedule_late', '',
            format('schedule %s is %s minutes late', s.name, m.late),
            pgdispatch.headline(s.last_error), null, null, s.name,
            null, null, null, null, m.late, s.next_run_at
        from pgdispatch.schedule as s
        cross join lateral (
            select floor(extract(epoch from v_now - s.next_run_at) / 60)::integer as late
        ) as m
        where 'schedule_late' = any (v_whats)
            and s.enabled
            and s.next_run_at <= v_now - interval '1 minute'
        union all
        select
            null, v_now, 'budget_spent', '',
            format('site %s has spent its budget of %s s; it is refilled at %s UTC', s.name,
                s.seconds_limit, to_char(pgdispatch.refill_at(s) at time zone 'UTC',
                'YYYY-MM-DD HH24:MI')),
            null, s.name, null, null, null, null, null, null, 1, pgdispatch.refilled_at(s)
        from pgdispatch.site as s
        where p_closely
            and 'budget_spent' = any (v_whats)
            and s.seconds_limit > 0
            and pgdispatch.is_budget_spent(s)
    loop
        perform pgdispatch.record_notice(v_notice);
    end loop;
end
$$;

comment on function pgdispatch.see_states(boolean) is
'Records lost nodes, late schedules and, with p_closely, spent budgets that have not been told.';
