"""Fill an installation as one that has worked for days: all that can wait, run, and have ended."""

from __future__ import annotations

from typing import Any

import psycopg

SITES = """
insert into pgdispatch.site (name, max_running_jobs, daily_seconds)
select
    's' || n,
    case when n <= 20 then 3 end,
    case when n between 21 and 25 then 600 when n between 26 and 30 then 10000000 end
from generate_series(1, 200) as n
"""
SCHEDULES = """
insert into pgdispatch.schedule (name, recurrence, execution)
select
    'schedule ' || n,
    case when n % 2 = 0 then 'daily at 02:30' else 'every 1 hour from 06:00 to 22:00' end,
    case when n % 3 = 0 then 'serial' else 'parallel' end
from generate_series(1, 120) as n
"""
TASKS = """
insert into pgdispatch.task (type, title, site, schedule, datasource)
select
    (array['full_extract', 'incremental_extract', 'flow', 'subscription', 'alert'])[1 + n % 5],
    'Task ' || n,
    's' || 1 + n % 200,
    'schedule ' || 1 + n % 120,
    case when n % 5 < 2 then 'source ' || n % 5000 end
from generate_series(1, 30000) as n
"""
SPENT = """
insert into pgdispatch.charge (site, started_at, seconds)
select 's' || n, now(), 700
from generate_series(21, 25) as n
"""
LEASE = "update pgdispatch.setting set value = '9999' where name = 'lease_seconds'"
NODES = """
select pgdispatch.register_node('n' || n, gen_random_uuid(), 50, null, 200)
from generate_series(1, 4) as n
"""
BACKGROUNDERS = """
select pgdispatch.start_backgrounder('n' || n || ':' || b, 1000 + b)
from generate_series(1, 4) as n
cross join generate_series(1, 50) as b
"""
DRAINED = """
insert into pgdispatch.job_type (name, rank) values ('thumbnail', 7);
update pgdispatch.node set except_types = '{thumbnail}'
"""
PARKED = """
insert into pgdispatch.job (type, site, title, datasource, priority, created_by)
select
    (array['flow', 'alert', 'full_extract', 'subscription'])[1 + n %% 4],
    's' || 1 + (n / 4) %% 25,
    'Title of job ' || n,
    case when n %% 2 = 0 then 'source ' || n %% 500 end,
    1 + n %% 20,
    'person' || n %% 50
from generate_series(1, %(jobs)s) as n
"""
WAITING = """
insert into pgdispatch.job (
    type, site, title, datasource, schedule, priority, not_before, created_by
)
select
    case
        when n %% 50 = 0 then 'thumbnail'
        else (array['flow', 'alert', 'full_extract', 'subscription', 'system'])[1 + n %% 5]
    end,
    's' || 1 + (n / 7) %% 199,
    'Title of job ' || n,
    case when n %% 2 = 0 then 'source ' || n %% 5000 end,
    case when n %% 6 = 0 then 'schedule ' || 1 + n %% 120 end,
    20 + n %% 80,
    case when n %% 10 = 3 then now() + n %% 86400 * interval '1 s' + interval '1 hour' end,
    'person' || n %% 50
from generate_series(1, %(jobs)s) as n
"""
OF_TASKS = """
insert into pgdispatch.job (task, created_by)
select 1 + n %% 30000, 'etl'
from generate_series(1, %(jobs)s) as n
"""
PARK = (  # as turns would, which take a thousandth of a second for each
    "alter table pgdispatch.job disable trigger user",
    """
    update pgdispatch.job as j
    set state = 'parked',
        gate = case
            when exists (
                select
                from pgdispatch.job as r
                where r.state = 'running' and r.site = j.site and r.datasource = j.datasource
            )
            then pgdispatch.datasource_gate(j.site, j.datasource)
            else pgdispatch.site_gate(j.site)
        end
    where j.state = 'ready'
    """,
    "alter table pgdispatch.job enable trigger user",
)
LAST = """
insert into pgdispatch.job (type, site, title, priority)
select 'flow', 's200', 'Rare ' || n, 100
from generate_series(1, 5) as n
"""
TURN = """
select count(*)
from pgdispatch.node as n
cross join lateral pgdispatch.turn(
    n.name,
    n.incarnation,
    array(
        select b.number
        from pgdispatch.backgrounder as b
        where b.node = n.name
            and not exists (
                select from pgdispatch.job as j where j.state = 'running' and j.backgrounder = b.id
            )
        order by b.number
        limit 16
    )
) as t
where n.name = %s
"""
TO_START = "select 200 - count(*) from pgdispatch.job where state = 'running'"
ENDED = """
insert into pgdispatch.job_history (
    id, attempt, type, site, title, datasource, schedule, task, priority, args, max_attempts,
    created_by, inserted_by, created_at, scheduled_at, run_now, is_serial, precedence, queued_at,
    type_rank, tie_first, tie_second, parked_gates, losses, failures, node, backgrounder,
    started_at, ended_at, outcome, failed_as, error, usual_seconds
)
select
    100000000 + n, 1, t.type, t.site, t.title, t.datasource, t.schedule, t.id,
    coalesce(t.priority, 50), '{}', 1,
    'person' || n %% 50, 'etl', a.at - w.waited, case when n %% 2 = 0 then a.at - w.waited end,
    false, false, 1, a.at - w.waited, -1, 0, 0,
    case when n %% 7 = 0 then array['site/' || t.site] else '{}' end, 0, 0,
    'n' || 1 + n %% 4, 'n' || 1 + n %% 4 || ':' || 1 + n / 4 %% 50,
    a.at, a.at + interval '20 s' + n %% 60 * interval '1 s',
    case when n %% 500 = 0 then 'failed' when n %% 3000 = 1 then 'cancelled' else 'succeeded' end,
    case when n %% 500 = 0 then 'error' end,
    case when n %% 500 = 0 then 'the source gave no answer' end,
    50
from generate_series(1, %(jobs)s) as n
join pgdispatch.task as t on t.id = 1 + (n::bigint * 7919) %% 30000
cross join lateral (
    select now() - interval '80 s' - (%(jobs)s - n) * interval '0.5 s' as at
) as a
cross join lateral (select n %% 900 * interval '1 s' as waited) as w
"""
SKIPPED = """
insert into pgdispatch.occurrence (task, scheduled_at, skipped_for)
select t.id, date_trunc('hour', now()) - n * interval '1 day', case when n < 3 then 'waiting' end
from pgdispatch.task as t
cross join generate_series(1, 7) as n;
insert into pgdispatch.suspension (task, failures, job, suspended_at)
select t.id, 5, h.id, now()
from pgdispatch.task as t
cross join lateral (
    select id from pgdispatch.job_history where task = t.id order by ended_at desc limit 1
) as h
where t.id % 1500 = 0
"""
LINKED = """
insert into pgdispatch.linked_task (title, site, schedule)
select 'Linked ' || n, 's' || 1 + n % 200, 'schedule 1'
from generate_series(1, 300) as n;
insert into pgdispatch.linked_task_step (linked_task, step, task)
select l.id, s.step, t.id
from pgdispatch.linked_task as l
cross join generate_series(1, 3) as s (step)
cross join lateral (
    select id
    from pgdispatch.task
    where site = l.site and type = 'flow'
    order by id
    offset s.step - 1 limit 1
) as t
"""


def fill(connection: psycopg.Connection[Any], waiting: int, ended: int) -> None:
    """Make jobs wait, a quarter of them behind full gates, 200 run, and others have ended.

    What waits goes through the triggers and what runs through turns, as everywhere; most of what is
    parked and the past are written as they would have become.
    Transaction: one for each step, of its own.
    """
    for statement in (SITES, SCHEDULES, TASKS, SPENT, LEASE, NODES, BACKGROUNDERS, DRAINED):
        connection.execute(statement.encode())
    parked = waiting // 4
    connection.execute(PARKED, {"jobs": parked})
    connection.execute("vacuum analyze pgdispatch.job")
    for _ in range(10):
        _start(connection)
    for statement in PARK:
        connection.execute(statement.encode())
    connection.execute(WAITING, {"jobs": waiting // 2})
    connection.execute(OF_TASKS, {"jobs": waiting // 4})
    connection.execute(LAST)
    while _start(connection) > 0:
        pass
    connection.execute(ENDED, {"jobs": ended})
    for statement in (SKIPPED, LINKED):
        connection.execute(statement.encode())


def _start(connection: psycopg.Connection[Any]) -> int:
    """Let each node have a turn; return how many backgrounders are free still."""
    for number in range(1, 5):
        connection.execute(TURN, [f"n{number}"])
    row = connection.execute(TO_START).fetchone()
    return int(row[0]) if row else 0
