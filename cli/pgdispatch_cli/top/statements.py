"""What `pgdispatch top` asks and calls: views and verbs that people at psql use as well."""

from __future__ import annotations

PLACES = 10_000  # how far a filter looks, in places of the queue or in ended jobs

LIMITS = (
    "select set_config('statement_timeout', '2s', true), set_config('lock_timeout', '500ms', true),"
    " set_config('idle_in_transaction_session_timeout', '5s', true), set_config('jit', 'off', true)"
)
RIGHTS = """
select
    pgdispatch.now() as at,
    pgdispatch.own_sites() as sites,
    has_function_privilege('pgdispatch.cancel(bigint,text,text)', 'execute') as cancel,
    has_function_privilege('pgdispatch.set_priority(bigint,integer)', 'execute') as priority,
    has_function_privilege('pgdispatch.run_now(bigint,text)', 'execute') as run_now,
    has_function_privilege('pgdispatch.run_now_schedule(text,text)', 'execute') as fire,
    has_function_privilege('pgdispatch.resume(bigint)', 'execute') as resume,
    has_column_privilege('pgdispatch.node', 'is_drained', 'update') as drain,
    has_column_privilege('pgdispatch.schedule', 'enabled', 'update') as enable,
    has_table_privilege('pgdispatch.status', 'select')
        and has_table_privilege('pgdispatch.node_status', 'select') as nodes
"""
SITES = "select name from pgdispatch.site order by name limit 1000"

PROCESSES = """
select s.node, s.backgrounder, s.status, s.types, s.is_drained, s.job, s.type, s.site,
    s.title, s.runs_for, r.usually_for, s.progress, r.progress_note, r.cancel_requested_at, r.task
from pgdispatch.status as s
left join pgdispatch.running as r on r.job = s.job
where s.process = 'backgrounder'
"""
RUNNING = """
select null as node, backgrounder, 'busy' as status, null as types, false as is_drained,
    job, type, site, title, runs_for, usually_for, progress, progress_note, cancel_requested_at,
    task
from pgdispatch.running
"""
WAITING = """
select count(*) as waiting
from (select from pgdispatch.job where backgrounder is null limit 10001) as found
"""
QUEUE = f"""
select "position", job, type, site, title, priority, decided_by, reason, kind, blocker, state,
    datasource, schedule, task, created_by, created_at, not_before, waits_for, is_complete
from pgdispatch.queue_page(%(depth)s, p_site => %(site)s, p_look_at => {PLACES})
"""
ENDED = f"""
select *, exists (
        select
        from pgdispatch.suspension as s
        join pgdispatch.task as t
            on t.id = s.task
            and t.streak_since is not distinct from s.streak_since
        where s.task = head.task
    ) as is_suspended
from (
    select job, type, site, title, outcome, failed_as, left(error, 4000) as error, priority,
        backgrounder, waited_for, ran_for, ended_at, task
    from pgdispatch.background_task
    limit {PLACES}
) as head
where %(site)s::text is null or site = %(site)s
limit 200
"""
GATES = """
select gate, kind, reason, holder, running, room, until, until - pgdispatch.now() as until_in,
    waiting, best as job, (select j.title from pgdispatch.job as j where j.id = best) as title
from pgdispatch.gate_status
where %(site)s::text is null or site = %(site)s
limit 1000
"""
SCHEDULES = """
select schedule, priority, execution, enabled, recurrence, time_zone, next_run_at, tasks,
    linked_tasks, suspended, last_run_at, last_error
from pgdispatch.schedule_status
"""
NODES = """
select name as node, state, is_drained, backgrounders, up, busy, types, host, package_version,
    heartbeat_at, pgdispatch.now() - heartbeat_at as heard_for
from pgdispatch.node_status
"""
STRIPS = f"""
select backgrounder, greatest(created_at, not_before) as due_at, started_at, ended_at, outcome
from (
    select backgrounder, created_at, not_before, started_at, ended_at, outcome
    from pgdispatch.job_history
    where ended_at > pgdispatch.now() - interval '1 hour'
    order by ended_at desc
    limit 2000
) as ended
union all
select backgrounder, greatest(created_at, not_before), started_at, null, null
from pgdispatch.job
where state = 'running'
union all
select null, min(due_at), null, null, null
from (
    select greatest(created_at, not_before) as due_at
    from pgdispatch.job
    where backgrounder is null
    limit {PLACES}
) as waiting
where due_at < pgdispatch.now()
"""
LOST = "select name as node, heartbeat_at from pgdispatch.node_status where state = 'lost' limit 3"
SUSPENDED = """
select t.title, s.task, s.failures, count(*) over () as tasks
from pgdispatch.suspension as s
join pgdispatch.task as t
    on t.id = s.task
    and t.streak_since is not distinct from s.streak_since
where t.enabled and (%(site)s::text is null or t.site = %(site)s)
order by s.suspended_at desc
limit 1
"""
SPENT = """
select s.name as site, b.refill_at
from pgdispatch.site as s
cross join lateral pgdispatch.site_budget(s.name) as b
where b.spent_seconds >= s.seconds_limit and s.seconds_limit > 0
    and (%(site)s::text is null or s.name = %(site)s)
order by s.name
limit 3
"""
PAUSED = """
select scope, name, paused_by, reason, until, count(*) over () as pauses
from pgdispatch.pause
where (until is null or until > pgdispatch.now())
    and (%(site)s::text is null or scope <> 'site' or name = %(site)s)
order by paused_at, scope, name
limit 3
"""
BROKEN_CLOCKS = """
select name as schedule, last_error
from pgdispatch.schedule
where last_error is not null
order by name
limit 1
"""

LIVE = """
select *, pgdispatch.now() - started_at as runs_for
from pgdispatch.job
where id = %(job)s
"""
WHY = """
select "position", decided_by, reason, kind, blocker, waits_for from pgdispatch.why(%(job)s)
"""
OF_HISTORY = "select *, outcome as state from pgdispatch.job_history where id = %(job)s limit 1"
LOG = "select text from pgdispatch.log_lines(%(job)s, p_last => 200)"
ATTEMPTS = "select * from pgdispatch.job_attempt where job = %(job)s order by attempt limit 100"
OBSTACLES = """
select g.gate, o.kind, o.reason, o.holder, o.until, o.until - pgdispatch.now() as until_in
from pgdispatch.job as j
cross join lateral unnest(array[
    'type/' || j.type, 'datasource/' || j.site || '/' || j.datasource,
    case when j.is_serial then 'schedule/' || j.schedule end, 'site/' || j.site
]) with ordinality as g (gate, place)
left join pgdispatch.obstacles() as o on o.gate = g.gate
where j.id = %(job)s and g.gate is not null
order by g.place
"""
TIE_BREAK = "select pgdispatch.setting('tie_break') as tie_break"

CANCEL = "select pgdispatch.cancel(%(job)s, null, %(by)s)"
SET_PRIORITY = "select pgdispatch.set_priority(%(job)s, %(priority)s)"
RUN_NOW = "select pgdispatch.run_now(%(task)s, %(by)s)"
RUN_NOW_SCHEDULE = """
select jsonb_build_object(
    'jobs', count(job),
    'passed_over', count(refused),
    'reasons', (
        array_agg(coalesce('task ' || task, 'linked task ' || linked_task) || ': ' || refused)
        filter (where refused is not null)
    )[1:3]
)
from pgdispatch.run_now_schedule(%(schedule)s, %(by)s)
"""
RESUME_TASK = "select pgdispatch.resume(%(task)s)"
DRAIN = "update pgdispatch.node set is_drained = %(is_drained)s where name = %(node)s"
ENABLE = "update pgdispatch.schedule set enabled = %(enabled)s where name = %(schedule)s"
