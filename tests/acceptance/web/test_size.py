"""However many jobs wait or have ended, a page reads a bounded number of them, by an index."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from pgdispatch.errors import NotFoundError
from pgdispatch.web.console.asked import Rights
from pgdispatch.web.console.pages import (
    PAGES,
    contract,
    gates,
    health,
    history,
    job,
    job_type,
    linked_task,
    node,
    now,
    queue,
    schedule,
    site,
    task,
    tasks,
    timeline,
)
from support.rights.two_sites import people_of
from support.servers.embedded import Connect
from support.sessions.verbs import Verbs
from support.web.looking import Listening, listen, look

CROWD = 100_000
MOST = 35_000  # rows that a page may read: a stretch of 10,000, and some counts to 10,001
CONFINED_MOST = 65_000  # their own are looked for among 10,000 of all, for each thing that is told
OWN = Rights(sites=("rare",))
WAITING = """
insert into pgdispatch.job (
    type, site, priority, created_by, inserted_by, created_at, is_serial, precedence, queued_at,
    type_rank, tie_first, tie_second, state, gate, not_before, max_attempts, task, schedule
)
select
    (array['flow', 'alert', 'full_extract'])[1 + n %% 3], 'acme', 1 + n %% 100, 'x', 'x', now(),
    false, 1, now() + n * interval '1 ms', -1, 0, 0,
    (array['ready', 'ready', 'parked', 'delayed'])[1 + n %% 4],
    case when n %% 4 = 2 then 'site/acme' end,
    case when n %% 4 = 3 then now() + interval '1 day' end,
    1, 1000 + n, 'hourly'
from generate_series(1, %(crowd)s) as n
"""
ENDED = """
insert into pgdispatch.job_history (
    id, attempt, type, site, title, datasource, schedule, task, priority, args, max_attempts,
    created_by, inserted_by, created_at, scheduled_at, run_now, is_serial, precedence, queued_at,
    type_rank, tie_first, tie_second, parked_gates, losses, failures, node, backgrounder,
    started_at, ended_at, outcome
)
select
    1000000 + n, 1, 'flow', 'acme', 'a title', 'd' || n %% 50, 'hourly', %(task)s + n %% 200, 50,
    '{}', 1,
    'x', 'x', at - interval '1 minute', at - interval '1 minute', false, false, 1, at, -1, 0, 0,
    '{}', 0, 0, 'n', 'n:' || 1 + n %% 40, at, at + interval '1 second',
    (array['succeeded', 'succeeded', 'succeeded', 'failed'])[1 + n %% 4]
from generate_series(1, %(crowd)s) as n
cross join lateral (select now() - interval '2 days' + n * interval '1.7 s') as a (at)
"""
READ = """
select coalesce(sum(t.seq_tup_read + coalesce(t.idx_tup_fetch, 0)), 0) as read,
    coalesce(sum(t.seq_scan) filter (where c.reltuples > 1000), 0) as scans
from pg_stat_xact_user_tables as t
join pg_class as c on c.oid = t.relid
where t.schemaname = 'pgdispatch' and (t.relname = 'job' or t.relname like 'job_history%')
"""
LAST = """
select id from pgdispatch.job where backgrounder is null
order by precedence desc, priority desc, queued_at desc, type_rank desc, tie_first desc,
    tie_second desc, id desc
limit 1
"""


@pytest.fixture
def crowded(database: str, connect: Connect) -> Iterator[tuple[Listening, dict[str, Any]]]:
    """Give a crowd of jobs that wait and that have ended, and what to look at."""
    verbs = Verbs(connect(database))
    verbs.run("alter table pgdispatch.job set (autovacuum_enabled = off)")
    verbs.run("update pgdispatch.setting set value = '9999' where name = 'lease_seconds'")
    verbs.register()
    verbs.site("acme", 2)
    verbs.schedule("hourly", recurrence="every 1 hour from 06:00 to 22:00")
    found = {"task": verbs.task(schedule="hourly", site="acme")}
    flow = verbs.task("flow", site="acme")
    found["linked"] = verbs.add("linked_task", site="acme", title="flows")
    verbs.add("linked_task_step", "step", linked_task=found["linked"], step=1, task=flow)
    found["contract"] = verbs.add(
        "contract", name="stock", site="acme", datasource="d1", max_age="1 day"
    )
    verbs.site("rare")
    found["own task"] = verbs.task(schedule="hourly", site="rare")
    found["own"] = verbs.job(site="rare", priority=100)
    found["running"] = verbs.job(site="acme", datasource="d1")
    verbs.claim()
    verbs.run("alter table pgdispatch.job disable trigger user")
    values = {"task": found["task"], "crowd": CROWD}
    verbs.connection.execute(WAITING, values)
    verbs.connection.execute(ENDED, values)
    verbs.run("alter table pgdispatch.job enable trigger user")
    verbs.run("vacuum analyze pgdispatch.job, pgdispatch.job_history")
    found["last"] = verbs.value(LAST)
    with people_of(verbs, "rare", "crowd_"), listen(database) as connection:
        yield connection, found


def asked(found: dict[str, Any]) -> Iterator[tuple[Any, dict[str, Any], dict[str, Any]]]:
    """Yield every page with what to look at, and those with filters that fit nothing, too."""
    paths: dict[object, list[dict[str, Any]]] = {
        job: [{"id": one} for one in (found["running"], found["last"], 1_000_001, 1_099_000)],
        task: [{"task": found["task"]}],
        linked_task: [{"linked": found["linked"]}],
        contract: [{"contract": found["contract"]}],
        schedule: [{"schedule": "hourly"}],
        site: [{"site": "acme"}],
        node: [{"node": "n"}],
        job_type: [{"type": "flow"}],
    }  # fmt: skip
    for page in PAGES:
        if page is health:  # doctor's checks, once a minute at most
            continue
        for path in paths.get(page, [{}]):
            yield page, path, {}
    for query in ({"outcome": "cancelled"}, {"schedule": "none"}, {"site": "none"},
                  {"backgrounder": "n:1", "outcome": "cancelled"}, {"task": found["task"]},
                  {"to": "2001-01-01T00:00"}, {"sort": "late"},
                  {"sort": "ran", "site": "none"}):  # fmt: skip
        yield history, {}, query
    for query in ({"site": "none"}, {"why": "held"}, {"by": "nobody"}, {"task": 5}):
        yield queue, {}, query
    yield timeline, {}, {"hours": 24}
    yield tasks, {}, {"site": "none"}
    yield gates, {}, {}
    yield now, {}, {}


@pytest.mark.long
@pytest.mark.usefixtures("newest_only")
def test_no_page_reads_all_that_there_is(crowded: tuple[Listening, dict[str, Any]]) -> None:
    """Neither by scanning a table, nor row by row."""
    connection, found = crowded
    wrong = []
    for page, path, query in asked(found):
        with connection.transaction(force_rollback=True):
            before = connection.execute(READ).fetchone() or {}
            look(connection, page, path, **query)
            after = connection.execute(READ).fetchone() or {}
        read, scans = after["read"] - before["read"], after["scans"] - before["scans"]
        if read > MOST or scans > 0:
            wrong.append((page.TEMPLATE, path, query, read, scans))

    assert wrong == []


@pytest.mark.long
@pytest.mark.usefixtures("newest_only")
def test_no_page_of_the_confined_reads_all_that_there_is(
    crowded: tuple[Listening, dict[str, Any]],
) -> None:
    """Though what is theirs lies behind all that is not; and it says how far it looked."""
    connection, found = crowded
    connection.execute("set session authorization crowd_rare_viewer")
    wrong, shown = [], {}
    for page, path, query in (
        *asked(found),
        *((page, path, {}) for page, path in ((job, {"id": found["own"]}),
                                              (task, {"task": found["own task"]}),
                                              (site, {"site": "rare"}))),
    ):  # fmt: skip
        with connection.transaction(force_rollback=True):
            before = connection.execute(READ).fetchone() or {}
            try:
                shown[page] = look(connection, page, path, rights_=OWN, **query)
            except NotFoundError:
                shown[page] = {}
            after = connection.execute(READ).fetchone() or {}
        read, scans = after["read"] - before["read"], after["scans"] - before["scans"]
        if read > CONFINED_MOST or scans > 0:
            wrong.append((page.TEMPLATE, path, query, read, scans))

    assert wrong == []
    assert (
        shown[now]["headline"] == "0 jobs of your sites run, none of the first 10,000 of all wait"
    )
    assert shown[job]["place"]["reason"] == "next in line behind more than 10000 of all sites"
    assert shown[site]["site"]["name"] == "rare"


@pytest.mark.long
@pytest.mark.usefixtures("newest_only")
def test_no_statement_of_a_page_may_scan_all_jobs(
    crowded: tuple[Listening, dict[str, Any]],
) -> None:
    """By its plan, which does not depend on luck."""
    connection, found = crowded
    for page, path, query in asked(found):
        look(connection, page, path, **query)
    statements = [text for text in dict.fromkeys(connection.said) if "pgdispatch." in text]
    scanning = []
    for text in statements:
        try:
            plan = connection.execute(f"explain {text}".encode()).fetchall()
        except psycopg.errors.SyntaxError:
            continue  # not a query
        lines = [str(next(iter(row.values()))) for row in plan]
        if any("Seq Scan on job" in line and "job_type" not in line and "rows=1 " not in line
               for line in lines):  # fmt: skip
            scanning.append(text)

    assert len(statements) > 30
    assert scanning == []
