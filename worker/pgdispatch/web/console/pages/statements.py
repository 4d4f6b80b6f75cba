"""The SQL of the pages: what each panel shows, and what it gives people to copy into psql.

In curly brackets is what `reading.ask` fills in as literals. Nothing is counted past 10,000, and
nothing is read to its end: each statement has a limit, or a key to begin at.
"""

from __future__ import annotations

NOW = "select pgdispatch.now() as now"

OVERVIEW = """
select
    pgdispatch.now() as now,
    w.waiting,
    e.ended,
    e.failed
from (
    select count(*) as waiting
    from (
        select
        from pgdispatch.job
        where backgrounder is null
        order by precedence, priority, queued_at, type_rank, tie_first, tie_second, id
        limit 10001
    ) as first
) as w
cross join (
    select
        count(*) as ended,
        count(*) filter (where outcome = 'failed') as failed
    from (
        select outcome
        from pgdispatch.job_history
        where ended_at > (select pgdispatch.now()) - interval '1 hour'
        order by ended_at desc
        limit 10001
    ) as last
) as e
"""

OWN_COUNTS = """
select
    pgdispatch.now() as now,
    q.kind,
    q.type,
    q.kind = 'paused' and d.gate is null as is_paused,
    sum(q.jobs)::bigint as jobs,
    bool_and(q.is_complete) as is_complete
from pgdispatch.queue_counts() as q
left join pgdispatch.obstacles() as d
    on d.gate = 'type/' || q.type
    and d.kind = 'paused'
group by q.kind, q.type, d.gate
"""

PROCESSES = """
select
    s.node,
    s.backgrounder,
    s.status,
    s.backgrounders,
    s.types,
    s.heartbeat_at,
    s.started_at,
    s.job,
    s.title,
    s.site,
    s.type,
    s.runs_for,
    s.progress,
    r.usually_for,
    r.started_at as job_started_at,
    n.only_types,
    n.except_types
from pgdispatch.status as s
join pgdispatch.node as n on n.name = s.node
left join pgdispatch.running as r on r.job = s.job
where s.process = 'backgrounder'
"""

RUNNING = """
select job, backgrounder, title, site, type, runs_for, usually_for, progress, started_at
from pgdispatch.running
limit {most}
"""

MOST_BARS = 2000  # runs that are drawn, those that ended last
ENDED_BARS = """
(
    select *
    from (
        (
            select id as job, backgrounder, title, type, site,
                coalesce(failed_as, outcome) as ended_as, started_at, ended_at
            from pgdispatch.job_history
            where ended_at > {start}
                and ended_at <= {end}
                and started_at is not null
                and backgrounder is not null
            order by ended_at desc
            limit {most}
        )
        union all
        (
            select job, backgrounder, title, type, site, ended_as, started_at, ended_at
            from pgdispatch.attempt
            where ended_at > {start}
                and ended_at <= {end}
                and started_at is not null
            order by ended_at desc
            limit {most}
        )
    ) as ended
    order by ended_at desc
    limit {most}
)
union all
select id, backgrounder, title, type, site, coalesce(failed_as, outcome), started_at, ended_at
from (
    select * from pgdispatch.job_history where ended_at > {end} order by ended_at limit 5000
) as later
where started_at < {end}
union all
select job, backgrounder, title, type, site, ended_as, started_at, ended_at
from (
    select * from pgdispatch.attempt where ended_at > {end} order by ended_at limit 5000
) as later
where started_at < {end}
order by ended_at desc
"""

RUNNING_BARS = """
select job, backgrounder, title, type, site, started_at, runs_for, usually_for
from pgdispatch.running
where started_at < {end}
"""

WAITED = """
with ended as (
    (
        select created_at, scheduled_at, not_before, started_at, ended_at
        from pgdispatch.job_history
        where ended_at > {start}
            and ended_at <= {end}
        order by ended_at desc
        limit {most}
    )
    union all
    select created_at, scheduled_at, not_before, started_at, ended_at
    from (
        select * from pgdispatch.job_history where ended_at > {end} order by ended_at limit 5000
    ) as later
    where created_at < {end}
),
wait as (
    select
        greatest(created_at, scheduled_at, not_before) as begun,
        coalesce(started_at, ended_at) as until
    from ended
    union all
    select greatest(created_at, scheduled_at, not_before), started_at
    from pgdispatch.job
    where state = 'running'
    union all
    (
        select greatest(created_at, scheduled_at, not_before), null
        from pgdispatch.job
        where backgrounder is null
        order by precedence, priority, queued_at, type_rank, tie_first, tie_second, id
        limit 1000
    )
)"""

WAITS = (
    WAITED
    + """
select cut.known_from, lower(stretch) as from_at, upper(stretch) as to_at
from (
    select case when count(*) >= {most} then min(ended_at) end as known_from
    from ended
    where ended_at <= {end}
) as cut
left join (
    select unnest(range_agg(tstzrange(
        greatest(begun, {start}), least(coalesce(until, {end}), {end})
    ))) as stretch
    from wait
    where begun < {end}
        and begun + interval '2 seconds' < coalesce(until, {end})
        and coalesce(until, {end}) > {start}
) as found on true
"""
)

DEPTH = (
    WAITED
    + """,
change as (
    select greatest(begun, {start}) as at, 1 as jobs
    from wait
    where begun < {end}
        and coalesce(until, {end}) > {start}
    union all
    select until, -1
    from wait
    where begun < {end}
        and until > {start}
        and until < {end}
)
select
    {start} + place * ({end} - {start}) / 120 as at,
    coalesce(sum(sum(change.jobs)) over (order by place), 0)::bigint as waiting
from generate_series(0, 119) as place
left join change
    on place = least(119, floor(120 * extract(epoch from change.at - {start})
        / extract(epoch from {end} - {start})))
group by place
order by place
"""
)

HEAD = """
select * from pgdispatch.queue limit {most}
"""

OWN_HEAD = """
select * from pgdispatch.queue_page(p_limit => {most})
"""

REASONS = """
select kind, type, is_paused, count(*) as jobs
from (
    select kind, type, reason like '%, by %' as is_paused from pgdispatch.queue limit 1000
) as head
group by kind, type, is_paused
"""

LOST_NODES = """
select name, heartbeat_at
from pgdispatch.node_status
where state = 'lost'
order by name
limit 20
"""

SUSPENDED = """
select t.id as task, t.title, t.type, t.site, p.failures, p.suspended_at, h.error
from pgdispatch.suspension as p
join pgdispatch.task as t
    on t.id = p.task
    and t.streak_since is not distinct from p.streak_since
left join lateral (
    select error from pgdispatch.job_history where id = p.job order by ended_at desc limit 1
) as h on true
order by p.suspended_at desc
limit 20
"""

SPENT = """
select s.name as site, b.refill_at, s.over_budget
from pgdispatch.site as s
cross join lateral pgdispatch.site_budget(s.name) as b
where s.seconds_limit > 0
    and b.spent_seconds >= s.seconds_limit
order by s.name
limit 20
"""

OVERDUE = """
select
    name as schedule,
    next_run_at,
    case when pgdispatch.own_sites() is null then last_error end as last_error
from pgdispatch.schedule
where enabled
    and next_run_at < (select pgdispatch.now()) - interval '1 minute'
order by next_run_at
limit 20
"""

SWEPT = """
select count(*) as jobs, max(swept_at) as swept_at
from (
    select swept_at
    from pgdispatch.swept_job
    where swept_at > (select pgdispatch.now()) - interval '1 day'
    limit 1001
) as swept
"""

JOB = """
select *, (select r.retry_of from pgdispatch.retry as r where r.job = id) as retry_of,
    least(started_at, (select min(a.started_at) from pgdispatch.attempt as a where a.job = id))
        as first_started_at,
    pgdispatch.now() as now, pgdispatch.setting('tie_break') as tie_break,
    pgdispatch.now() - created_at as waits_for, pgdispatch.now() - started_at as runs_for
from pgdispatch.job
where id = {job}
"""

WHY = """
select * from pgdispatch.why({job})
"""

ENDED_JOB = """
select h.*, pgdispatch.now() as now, h.ended_at - h.started_at as ran_for,
    b.first_started_at, b.retry_of, b.retried_as, k.key, k.until as key_until,
    exists (
        select
        from pgdispatch.task as t
        join pgdispatch.site as s on s.name = t.site
        where t.id = h.task
            and s.run_now_enabled
            and not exists (select from pgdispatch.job as j where j.task = t.id)
    ) as may_run
from pgdispatch.job_history as h
left join pgdispatch.job_key as k on k.job = h.id
join pgdispatch.background_task as b
    on b.job = h.id
    and b.ended_at = h.ended_at
where h.id = {job}
order by h.ended_at desc
limit 1
"""

LOG = """
select attempt, line, logged_at, text
from pgdispatch.log_lines({job}, p_last => {last})
"""

OLDEST = """
select id as job, ended_at
from pgdispatch.job_history
order by ended_at
limit 1
"""

NEWEST = """
select id as job, ended_at, pgdispatch.now() as now
from pgdispatch.job_history
where ended_at > coalesce({since}::timestamptz, '-infinity')
order by ended_at desc
limit 1
"""

BEFORE_IT = """
select n.id, n.title, n.type, n.site, n.precedence, n.priority, n.queued_at, n.type_rank,
    n.tie_first, n.tie_second, n.usual_seconds, n.run_now, n.scheduled_at, n.created_at
from pgdispatch.job as n
where n.backgrounder is null
    and (n.precedence, n.priority, n.queued_at, n.type_rank, n.tie_first, n.tie_second, n.id) < (
        select j.precedence, j.priority, j.queued_at, j.type_rank, j.tie_first, j.tie_second, j.id
        from pgdispatch.job as j where j.id = {job}
    )
order by n.precedence desc, n.priority desc, n.queued_at desc, n.type_rank desc,
    n.tie_first desc, n.tie_second desc, n.id desc
limit 1
"""

JOB_GATES = """
select g.kind, g.name, g.room, o.gate is not null as is_full, r.id as job, r.title, r.type,
    r.backgrounder, r.started_at, r.usual_seconds
from pgdispatch.job as j
left join pgdispatch.site as s on s.name = j.site
left join pgdispatch.schedule as e on e.name = j.schedule
cross join lateral (
    values
        (1, 'datasource', j.datasource, 1, 'datasource/' || j.site || '/' || j.datasource),
        (
            2, 'schedule', case when e.execution = 'serial' then j.schedule end, 1,
            'schedule/' || j.schedule
        ),
        (
            3, 'site', case when s.running_limit is not null then j.site end, s.running_limit,
            'site/' || j.site
        )
) as g (place, kind, name, room, gate)
left join pgdispatch.obstacles() as o on o.gate = g.gate
left join pgdispatch.job as r
    on r.state = 'running'
    and case g.kind
        when 'datasource' then r.site = j.site and r.datasource = j.datasource
        when 'schedule' then r.schedule = j.schedule
        else r.site = j.site
    end
where j.id = {job}
    and g.name is not null
order by g.place, r.started_at, r.id
limit 200
"""

AROUND = """
select p.*
from (
    select (
        select jsonb_build_object(
            'precedence', n.precedence, 'priority', n.priority, 'queued_at', n.queued_at,
            'type_rank', n.type_rank, 'tie_first', n.tie_first, 'tie_second', n.tie_second,
            'id', n.id
        )
        from pgdispatch.job as n
        where n.backgrounder is null
            and (n.precedence, n.priority, n.queued_at, n.type_rank, n.tie_first, n.tie_second,
                n.id)
            < (j.precedence, j.priority, j.queued_at, j.type_rank, j.tie_first, j.tie_second, j.id)
        order by n.precedence desc, n.priority desc, n.queued_at desc, n.type_rank desc,
            n.tie_first desc, n.tie_second desc, n.id desc
        offset {before}
        limit 1
    ) as place
    from pgdispatch.job as j
    where j.id = {job}
) as fourth
cross join lateral pgdispatch.queue_page(p_limit => {most}, p_after => fourth.place) as p
"""

OWN_BEFORE = """
select p.*
from pgdispatch.job as j
cross join lateral pgdispatch.queue_page(
    p_limit => {most},
    p_before => jsonb_build_object(
        'precedence', j.precedence, 'priority', j.priority, 'queued_at', j.queued_at,
        'type_rank', j.type_rank, 'tie_first', j.tie_first, 'tie_second', j.tie_second,
        'id', j.id + 1
    )
) as p
where j.id = {job}
"""

ORDER_OF = """
select id, title, type, site, precedence, priority, queued_at, type_rank, tie_first, tie_second,
    usual_seconds, run_now, scheduled_at, created_at
from pgdispatch.job
where id = {job}
    and backgrounder is null
"""

QUEUE_PAGE = """
select *
from pgdispatch.queue_page(
    p_limit => {most},
    p_after => {after},
    p_before => {before},
    p_site => {site},
    p_type => {type},
    p_schedule => {schedule},
    p_datasource => {datasource},
    p_task => {task},
    p_kind => {kind},
    p_by => {by}
)
"""

JOB_ATTEMPTS = """
select *
from pgdispatch.job_attempt
where job = {job}
limit 100
"""

# Who waits at a gate: those that are parked there, and those that no claim has come to yet.
WAITING_BEHIND = """
select g.gate, w.id as job, w.title, w.type, w.site, w.priority, w.created_at
from pgdispatch.job as r
left join pgdispatch.site as s on s.name = r.site
left join pgdispatch.schedule as e on e.name = r.schedule
cross join lateral (
    values
        (1, 'datasource', 'datasource/' || r.site || '/' || r.datasource, r.site, r.datasource,
            null),
        (2, 'schedule', case when e.execution = 'serial' then 'schedule/' || r.schedule end, null,
            null, r.schedule),
        (3, 'site limit', case when s.running_limit is not null then 'site/' || r.site end, r.site,
            null, null)
) as g (place, kind, gate, site, datasource, schedule)
cross join lateral (
    select j.*
    from (
        (
            select p.id
            from pgdispatch.job as p
            where p.state = 'parked'
                and p.gate = g.gate
            order by p.precedence, p.priority, p.queued_at, p.type_rank, p.tie_first, p.tie_second,
                p.id
            limit 5
        )
        union
        select q.job
        from pgdispatch.queue_page(
            p_limit => 5, p_site => g.site, p_datasource => g.datasource,
            p_schedule => g.schedule, p_kind => g.kind, p_look_at => 1000
        ) as q
    ) as b
    cross join lateral (select * from pgdispatch.job where id = b.id limit 1) as j
    order by j.precedence, j.priority, j.queued_at, j.type_rank, j.tie_first, j.tie_second, j.id
    limit 5
) as w
where r.id = {job}
    and r.state = 'running'
    and g.gate is not null
    and ({sees_all} or g.kind <> 'schedule')
order by g.place, w.precedence, w.priority, w.queued_at, w.type_rank, w.tie_first, w.tie_second,
    w.id
"""

LAST_RUNS = """
select id as job, outcome, started_at, ended_at, error
from pgdispatch.job_history
where task = {task}
order by ended_at desc
limit 30
"""

WHY_LATE = """
select from_at, to_at, seconds, kind, reason, behind_job, behind_title, behind_schedule,
    is_before_in_order
from pgdispatch.why_late({job})
"""

RAN_MEANWHILE = """
select
    h.job, h.title, h.type, h.priority, h.started_at, h.looked_at,
    (h.precedence, h.priority, h.queued_at, h.type_rank, h.tie_first, h.tie_second, h.job)
        < (e.precedence, e.priority, e.queued_at, e.type_rank, e.tie_first, e.tie_second, e.id)
        as is_better
from (
    select *
    from pgdispatch.job_history
    where id = {job}
    order by ended_at desc
    limit 1
) as e
cross join (
    select *, count(*) over () as looked_at
    from (
        select id as job, title, type, priority, started_at, precedence, queued_at, type_rank,
            tie_first, tie_second
        from pgdispatch.job_history
        where ended_at > {start}
            and ended_at < coalesce({until}::timestamptz, 'infinity')
        order by ended_at
        limit {look_at}
    ) as stretch
    union all
    select id, title, type, priority, started_at, precedence, queued_at, type_rank,
        tie_first, tie_second, null
    from pgdispatch.job
    where state = 'running'
) as h
where h.job <> e.id
    and h.started_at >= {start}
    and h.started_at < {end}
order by h.started_at desc
limit 1000
"""

REACH = """
select pgdispatch.history_reach(
    p_look_at => {look_at},
    p_before => {before},
    p_after => {after},
    p_backgrounder => {backgrounder},
    p_task => {task},
    p_is_rare => {is_rare}
) as reach
"""

HISTORY = """
select
    id as job, type, site, title, outcome, failed_as, error, cancelled_by, cancel_reason, attempt,
    backgrounder, begun_at as started_at, ended_at,
    coalesce(begun_at, ended_at) - created_at as waited_for,
    ended_at - started_at as ran_for, usual_seconds,
    begun_at - coalesce(
        scheduled_at, case when failures = 0 then greatest(created_at, not_before) end, created_at
    ) as late_for
from (
    select *
    from {relation}
    where {bounds}
    order by ended_at desc, id desc
    limit {look_at}
) as stretch
cross join lateral (select {begun} as begun_at) as first
where {condition}
order by {order}
limit {most}
"""
HISTORY_ORDERS = {  # all but the first are of the stretch that was looked at
    "ended": "ended_at desc, job desc",
    "started": "begun_at desc nulls last, job desc",
    "late": "late_for desc nulls last, job desc",
    "waited": "waited_for desc nulls last, job desc",
    "ran": "ran_for desc nulls last, job desc",
}

END_OF_STRETCH = """
select id as job, ended_at
from {relation}
where {bounds}
order by ended_at desc, id desc
offset {look_at} - 1
limit 1
"""

HISTORY_OF_JOBS = "pgdispatch.job_history"
BEGUN_OF_JOBS = """case
        when attempt = 0 or attempt = 1 and started_at is not null
        then started_at
        else least(started_at, (
            select min(a.started_at) from pgdispatch.attempt as a where a.job = stretch.id
        ))
    end"""
HISTORY_OF_ATTEMPTS = """(
        select id, attempt, type, site, title, datasource, schedule, task, outcome, failed_as,
            error, cancelled_by, cancel_reason, node, backgrounder, started_at, ended_at,
            usual_seconds, null::timestamptz as created_at, null::timestamptz as scheduled_at,
            null::timestamptz as not_before, null::integer as failures
        from pgdispatch.job_history
        union all
        select job, attempt, type, site, title, datasource, schedule, task, ended_as, ended_as,
            error, null, null, node, backgrounder, started_at, ended_at, null, null, null, null,
            null
        from pgdispatch.attempt
    ) as ended"""
BEGUN_OF_ATTEMPTS = "started_at"

HISTORY_BOUNDS = {  # each has an index that begins with it, or is of the order itself
    "before": "(ended_at, id) < ({before_at}, {before_id})",
    "since": "ended_at >= {since}",
    "from": "ended_at >= {from_at}",
    "to": "ended_at < {to_at}",
    "task": "task = {task}",
    "backgrounder": "backgrounder = {backgrounder}",
    "rare": "outcome <> 'succeeded'",
}
HISTORY_CONDITIONS = {
    "outcome": "outcome = {outcome}",
    "schedule": "schedule = {schedule}",
    "site": "site = {site}",
    "type": "type = {type}",
    "datasource": "datasource = {datasource}",
    "title": "strpos(lower(title), lower({title})) > 0",
    "node": "node = {node}",
    "failed_as": "failed_as = {failed_as}",
}

OUTCOMES = """
select outcome, count(*) as jobs
from (
    select outcome
    from pgdispatch.job_history
    where {bounds}
    order by ended_at desc, id desc
    limit 10001
) as last
group by outcome
"""

NODES = """
select name, state, backgrounders, up, busy, only_types, except_types, types, is_drained,
    processors, package_version, heartbeat_at, stopped_at, started_at, clock_ahead_for, host
from pgdispatch.node_status
where name > {after}
order by name
limit {most}
"""

NODE = """
select *, pgdispatch.now() as now
from pgdispatch.node_status
where name = {node}
"""

NODE_PROCESSES = """
select process, backgrounder, status, pid, address, started_at, job, title, type, site, runs_for,
    progress
from pgdispatch.status
where node = {node}
"""

TYPES = """
select name, rank from pgdispatch.job_type order by rank, name limit 200
"""

JOB_TYPES = """
select name, rank, timeout, max_attempts, priority_from, description
from pgdispatch.job_type
order by rank, name
limit 200
"""

JOB_TYPE = """
select * from pgdispatch.job_type where name = {type}
"""

SCHEDULES = """
select schedule, priority, execution, enabled, recurrence, time_zone, next_run_at, tasks,
    linked_tasks, suspended, last_run_at, last_error, is_custom
from pgdispatch.schedule_status
where schedule > {after}
limit {most}
"""

LATE_HOURS = """
select
    schedule,
    extract(hour from scheduled_at at time zone {zone})::integer as hour,
    count(*) as jobs,
    extract(epoch from avg(started_at - scheduled_at))::double precision as mean_seconds,
    extract(epoch from max(started_at - scheduled_at))::double precision as most_seconds
from (
    select
        h.schedule,
        h.scheduled_at,
        case
            when h.attempt = 1 then h.started_at
            else least(h.started_at, (
                select min(a.started_at) from pgdispatch.attempt as a where a.job = h.id
            ))
        end as started_at
    from (
        select id, schedule, scheduled_at, attempt, started_at
        from pgdispatch.job_history
        where ended_at > pgdispatch.now() - make_interval(days => {days})
        order by ended_at desc
        limit {look_at}
    ) as h
    where h.scheduled_at is not null
        and h.schedule is not null
        and h.attempt > 0
) as started
where started_at is not null
group by 1, 2
order by 1, 2
"""

SCHEDULE = """
select *, pgdispatch.now() as now
from pgdispatch.schedule_status
where schedule = {schedule}
"""

SCHEDULE_TASKS = """
select task, title, site, type, priority, enabled, failures, suspended_at, usually_for, job,
    job_state, last_job, last_outcome, last_ended_at
from pgdispatch.task_status
where schedule = {schedule}
    and task > {after}
order by task
limit {most}
"""

SCHEDULE_SKIPPED = """
select o.task, t.title, t.type, o.scheduled_at, o.skipped_for
from (select * from pgdispatch.task where schedule = {schedule} order by id limit 500) as t
cross join lateral (
    select task, scheduled_at, skipped_for
    from pgdispatch.occurrence
    where task = t.id
        and skipped_for is not null
    order by scheduled_at desc
    limit 3
) as o
order by o.scheduled_at desc, o.task
limit 20
"""

SCHEDULE_LINKED = """
select id, title, site, priority, enabled, steps, last_run_at, job
from pgdispatch.linked_task_status
where schedule = {schedule}
limit 50
"""

SCHEDULE_DELAYS = """
select
    date_trunc('hour', scheduled_at) as hour,
    count(*) as jobs,
    max(delayed_for) as longest,
    avg(delayed_for) as mean
from (
    select schedule, scheduled_at, delayed_for
    from pgdispatch.background_task
    where ended_at > greatest({since}, (select pgdispatch.now()) - interval '1 day')
    limit 10000
) as stretch
where schedule = {schedule}
    and scheduled_at is not null
    and delayed_for is not null
group by date_trunc('hour', scheduled_at)
order by date_trunc('hour', scheduled_at)
"""

PREVIEW = """
select
    run_at,
    to_char(run_at at time zone {time_zone}, 'YYYY-MM-DD HH24:MI Dy') as there,
    to_char(day, 'YYYY-MM-DD Dy') as day,
    note
from pgdispatch.preview_runs(
    {recurrence}, {time_zone}, pgdispatch.now(), 5, {calendar}, {on_free_day}
)
"""
SCHEDULE_PREVIEW = """
select
    run_at,
    to_char(run_at at time zone {time_zone}, 'YYYY-MM-DD HH24:MI Dy') as there,
    to_char(day, 'YYYY-MM-DD Dy') as day,
    note
from pgdispatch.preview_schedule({schedule}, pgdispatch.now(), 5)
"""

CALENDAR_NAMES = "select name from pgdispatch.calendar order by name limit 200"
CALENDARS = """
select calendar, time_zone, working_weekdays, days, next_free_day, next_free_name, last_day,
    schedules
from pgdispatch.calendar_status
where calendar > {after}
limit {most}
"""
CALENDAR = """
select calendar, time_zone, working_weekdays, today, days, next_free_day, next_free_name,
    last_day, schedules
from pgdispatch.calendar_status
where calendar = {calendar}
"""
CALENDAR_DAYS = """
select day, name, is_working
from pgdispatch.calendar_day
where calendar = {calendar}
    and day >= pg_catalog.make_date({year}, 1, 1)
    and day <= pg_catalog.make_date({year}, 12, 31)
order by day
"""
CALENDAR_SCHEDULES = """
select schedule, recurrence, on_free_day, next_run_at
from pgdispatch.schedule_status
where calendar = {calendar}
limit 50
"""
WINDOWS = """
select closed_window, scope, target, state, opens_at, closes_at, recurrence, lasts, time_zone,
    calendar, drain_before, run_at_end, reason, created_by, enabled, is_confined
from pgdispatch.window_status
limit {most}
"""

# Of few sites a planner expects few jobs, and would read and sort all that are parked there.
BY_THE_INDEX = "set local enable_bitmapscan = off"
SITES = """
with counted as materialized (
    select site, kind, jobs, is_complete from pgdispatch.queue_counts()
)
select
    s.name as site,
    s.running_limit,
    (
        select count(*)
        from pgdispatch.job as r
        where r.state = 'running'
            and r.site = s.name
    ) as running,
    greatest(coalesce(w.waiting, 0), o.parked) as waiting,
    c.is_complete,
    case
        when c.is_complete then coalesce(w.overflow, 0)
        else greatest(coalesce(w.overflow, 0), o.parked)
    end as overflow,
    s.seconds_limit,
    b.spent_seconds,
    b.refill_at,
    s.over_budget,
    s.run_now_enabled
from pgdispatch.site as s
cross join (select coalesce(bool_and(is_complete), true) as is_complete from counted) as c
left join (
    select
        site,
        sum(jobs)::bigint as waiting,
        (sum(jobs) filter (where kind in ('site limit', 'site budget')))::bigint as overflow
    from counted
    group by site
) as w on w.site = s.name
cross join lateral (
    select count(*) as parked
    from (
        select
        from pgdispatch.job as p
        where p.state = 'parked'
            and p.gate = 'site/' || s.name
        order by p.precedence, p.priority, p.queued_at, p.type_rank, p.tie_first, p.tie_second,
            p.id
        limit 1001
    ) as parked
) as o
left join lateral pgdispatch.site_budget(s.name) as b on true
where s.name > {after}
order by s.name
limit {most}
"""

SITE = """
select s.*, b.spent_seconds, b.refill_at as full_at, pgdispatch.now() as now,
    (
        select count(*) from pgdispatch.job as r where r.state = 'running' and r.site = s.name
    ) as running
from pgdispatch.site as s
left join lateral pgdispatch.site_budget(s.name) as b on true
where s.name = {site}
"""

SITE_RUNNING = """
select job, title, type, site, backgrounder, started_at, runs_for, usually_for, progress
from pgdispatch.running
where site = {site}
limit 50
"""

SITE_OVERFLOW = """
select j.id as job, j.title, j.type, j.site, j.priority, j.created_at
from (
    (
        select id
        from pgdispatch.job
        where state = 'parked'
            and gate = 'site/' || {site}
        order by precedence, priority, queued_at, type_rank, tie_first, tie_second, id
        limit 10
    )
    union
    select q.job
    from pgdispatch.obstacles({site}) as o
    cross join lateral pgdispatch.queue_page(
        p_limit => 10, p_site => {site}, p_kind => o.kind, p_look_at => 1000
    ) as q
    where o.gate = 'site/' || {site}
) as b
cross join lateral (select * from pgdispatch.job where id = b.id limit 1) as j
order by j.precedence, j.priority, j.queued_at, j.type_rank, j.tie_first, j.tie_second, j.id
limit 10
"""

TASKS = """
select task, title, site, type, schedule, priority, enabled, failures, suspended_at, usually_for,
    job, job_state, next_run_at, last_job, last_outcome, last_ended_at
from pgdispatch.task_status
where {condition}
order by task
limit {most}
"""

TASK_CONDITIONS = {
    "after": "task > {after}",
    "site": "site = {site}",
    "schedule": "schedule = {schedule}",
    "type": "type = {type}",
}

TASK = """
select t.*, pgdispatch.now() as now, s.run_now_enabled
from pgdispatch.task_status as t
left join pgdispatch.site as s on s.name = t.site
where t.task = {task}
"""

TASK_SKIPPED = """
select scheduled_at, skipped_for
from pgdispatch.occurrence
where task = {task}
    and skipped_for is not null
order by scheduled_at desc
limit 10
"""

LINKED_TASKS = """
select id, title, site, schedule, priority, enabled, steps, last_run_at, job
from pgdispatch.linked_task_status
where id > {after}
limit {most}
"""

LINKED_TASK = """
select l.*, pgdispatch.now() as now, s.run_now_enabled
from pgdispatch.linked_task_status as l
left join pgdispatch.site as s on s.name = l.site
where l.id = {linked}
"""

CONTRACTS = """
select
    s.contract, s.name, s.site, s.subject, s.terms, s.state, s.due, s.time_zone, s.chance,
    s.early_at, s.expected_at, s.late_at, s.beyond, s.slack, s.began_at, s.ended_at, s.job, s.task,
    s.reason, s.datasource, s.of_task, s.schedule, s.linked_task, pgdispatch.now() as now
from pgdispatch.contract_status as s
where s.contract > {after}
    and ({site}::text is null or s.site = {site})
    and ({datasource}::text is null or s.datasource = {datasource})
order by s.contract
limit {most}
"""

CONTRACT = """
select s.*, pgdispatch.now() as now
from pgdispatch.contract_status as s
where s.contract = {contract}
"""

CONTRACT_TOLD = """
select notice, at, contract_state, target, state, text
from pgdispatch.notice_status
where contract = {contract}
limit 20
"""

STEPS = """
select step, task, title, stop_on_failure, enabled, suspended_at
from pgdispatch.step_status
where linked_task = {linked}
"""

LINKED_RUNS = """
select r.run, r.scheduled_at, r.run_now, r.created_by, r.created_at, r.skipped_for, r.step, r.task,
    r.task_title, r.state, r.job, r.started_at, r.ended_at
from pgdispatch.linked_task_run as r
where r.run in (
    select id
    from pgdispatch.linked_run
    where linked_task = {linked}
    order by id desc
    limit 20
)
order by r.run desc, r.step
"""

GATES = """
select g.*, h.title, h.type, h.started_at, h.usual_seconds, h.backgrounder,
    b.title as best_title, b.type as best_type
from pgdispatch.gate_status as g
left join pgdispatch.job as h on h.id = g.holder
left join pgdispatch.job as b on b.id = g.best
limit {most}
"""

SITE_HOLDERS = """
select job, title, type, site, backgrounder, started_at, runs_for, usually_for
from pgdispatch.running
where site = any ({sites})
limit 300
"""

PAUSE = """
select scope, paused_by, reason, paused_at, until, waiting
from pgdispatch.paused
where scope = {scope} and name = {name}
    or scope = 'all'
order by scope = 'all'
"""

PAUSES = """
select scope, name, paused_by, reason, paused_at, until, waiting
from pgdispatch.paused
limit {most}
"""

TYPES_WITHOUT_NODE = """
select gate, kind, reason
from pgdispatch.obstacles()
where gate like 'type/%'
order by gate
limit 100
"""

CHANGES = """
select changed_at, changed_by, said_by, what, before, after, reason
from pgdispatch.change
where kind = {kind}
    and name = {name}
order by changed_at desc, id desc
limit 10
"""

VERSION = """
select package_version, step, installed_at
from pgdispatch.schema_version
order by step desc, installed_at desc
limit 1
"""

JOB_FORECASTS = """
select job, starts_early_at, starts_at, starts_late_at, ends_early_at, ends_at, ends_late_at,
    late_chance, beyond, made_at, until
from pgdispatch.job_forecasts({jobs}::bigint[])
"""

FORECAST_MADE = """
select made_at, until, runs, made_at + 3 * period > pgdispatch.now() as is_fresh,
    pgdispatch.setting('forecast_seconds') = '-1' as is_off
from pgdispatch.forecast_state
where made_at is not null
"""

LOAD_AHEAD = """
select * from pgdispatch.load_ahead
"""

RUNS_AHEAD = """
select *
from pgdispatch.schedule_forecast
order by scheduled_at, schedule, site
limit {most}
"""

SCHEDULE_FORECAST = """
select *
from pgdispatch.schedule_forecast
where schedule = {schedule}
order by scheduled_at, site
limit {most}
"""

TASK_FORECAST = """
select *
from pgdispatch.forecast
where task = {task}
order by scheduled_at
limit {most}
"""

FORECAST_QUALITY = """
select * from pgdispatch.forecast_quality
"""

FORECASTS = """
select * from pgdispatch.forecast order by starts_at, job, task limit {most}
"""

JOB_FORECAST = """
select * from pgdispatch.forecast where job = {job}
"""

SEES_LOAD = """
select pg_catalog.has_table_privilege('pgdispatch.load_ahead', 'select') as sees_all
"""
