"""What people look at stays quick however many jobs wait: no view's head, no single job scans."""

from __future__ import annotations

from typing import Any

import pytest

from support.sessions.verbs import Verbs

CROWD = 50_000
INDEX_PAGES = 500
FILL = """
insert into pgdispatch.job (
    type, site, priority, created_by, inserted_by, created_at, is_serial, precedence, queued_at,
    type_rank, tie_first, tie_second, state, gate, not_before, max_attempts
)
select
    (array['flow', 'alert', 'full_extract'])[1 + n %% 3], 'acme', 1 + n %% 100, 'x', 'x', now(),
    false, 1, now() + n * interval '1 ms', -1, 0, 0,
    (array['ready', 'ready', 'parked', 'delayed'])[1 + n %% 4],
    case when n %% 4 = 2 then 'site/acme' end,
    case when n %% 4 = 3 then now() + interval '1 day' end,
    1
from generate_series(1, %s) as n
"""
FILL_READY = """
insert into pgdispatch.job (
    type, site, priority, created_by, inserted_by, created_at, is_serial, precedence, queued_at,
    type_rank, tie_first, tie_second, state, max_attempts
)
select 'flow', 'default', 50, 'x', 'x', now(), false, 1, 'infinity', -1, 0, 0, 'ready', 1
from generate_series(1, %s)
"""
SCANS = """
select seq_scan as scans, seq_tup_read + coalesce(idx_tup_fetch, 0) as read
from pg_stat_xact_user_tables
where relid = 'pgdispatch.job'::regclass
"""
LAST = """
select id from pgdispatch.job
where backgrounder is null
order by precedence desc, priority desc, queued_at desc, type_rank desc, tie_first desc,
    tie_second desc, id desc
limit 1
"""
HEADS = {
    "queue": "select * from pgdispatch.queue limit 20",
    "running": "select * from pgdispatch.running",
    "status": "select * from pgdispatch.status",
    "task_status": "select * from pgdispatch.task_status",
    "schedule_status": "select * from pgdispatch.schedule_status",
    "node_status": "select * from pgdispatch.node_status",
    "linked_task_status": "select * from pgdispatch.linked_task_status",
    "linked_task_run": "select * from pgdispatch.linked_task_run",
    "page of task_status": "select * from pgdispatch.task_status where task > 0 limit 20",
    "gate_status": "select * from pgdispatch.gate_status",
    "one of own_job": "select * from pgdispatch.own_job where job = 7",
    "one of background_jobs": "select * from pgdispatch.background_jobs where id = 7",
    "running background_jobs": "select * from pgdispatch.background_jobs where started_at > now()",
    "ended background_jobs": "select * from pgdispatch.background_jobs where completed_at > now()",
    "ended jobs of delay": "select * from pgdispatch.delay where ended_at > now()",
    "_tasks": "select * from pgdispatch._tasks",
}


@pytest.fixture(params=["never analyzed", "vacuumed"])
def crowd(verbs: Verbs, request: pytest.FixtureRequest) -> Verbs:
    """Add a crowd of jobs without the triggers, and a few of everything else."""
    verbs.run("alter table pgdispatch.job set (autovacuum_enabled = off)")
    verbs.register()
    verbs.site("acme", 2)
    verbs.schedule("hourly", recurrence="every 1 hour from 06:00 to 22:00")
    verbs.task(schedule="hourly")
    verbs.job(site="acme")
    verbs.claim()
    verbs.run("alter table pgdispatch.job disable trigger user")
    verbs.run(FILL, CROWD)
    verbs.run("alter table pgdispatch.job enable trigger user")
    if request.param == "vacuumed":
        verbs.run("vacuum analyze pgdispatch.job")
    return verbs


def touched(verbs: Verbs, query: str) -> tuple[int, int]:
    """Return how often a query scans the table of jobs, and how many rows of it it fetches."""
    with verbs.connection.transaction():
        verbs.rows(query)
        found = verbs.row(SCANS)
    return found["scans"], found["read"]


def buffers(verbs: Verbs, query: str) -> int:
    """Return how many buffers a query touches, with all that its functions do."""
    verbs.rows(query)
    (found,) = verbs.value(f"explain (analyze, buffers, format json) {query}")
    top: dict[str, Any] = found["Plan"]
    return int(top["Shared Hit Blocks"]) + int(top["Shared Read Blocks"])


@pytest.mark.parametrize("query", HEADS.values(), ids=HEADS.keys())
def test_a_look_does_not_scan_the_jobs(crowd: Verbs, query: str) -> None:
    """Whether the planner knows the table or not."""
    scans, read = touched(crowd, query)

    assert scans == 0
    assert read < 200


def test_a_filtered_queue_is_read_no_further_than_needed(crowd: Verbs) -> None:
    """Once the table has been analyzed."""
    crowd.run("analyze pgdispatch.job")

    scans, read = touched(crowd, "select * from pgdispatch.queue where type = 'flow' limit 20")

    assert scans == 0
    assert read < 200


def test_the_first_job_is_explained_from_a_few_rows(crowd: Verbs) -> None:
    """Its place, its neighbour and what runs."""
    job = crowd.value("select job from pgdispatch.queue limit 1")

    scans, read = touched(crowd, f"select * from pgdispatch.why({job})")

    assert scans == 0
    assert read < 20
    assert buffers(crowd, f"select pgdispatch.why({job})") < INDEX_PAGES


def test_the_last_job_is_explained_without_a_scan(crowd: Verbs) -> None:
    """Its place is counted in an index alone, once vacuum has been there, and to 10,000."""
    job = crowd.value(LAST)

    scans, _ = touched(crowd, f"select * from pgdispatch.why({job})")

    assert scans == 0
    assert crowd.row(f"select * from pgdispatch.why({job})")["position"] is None


@pytest.mark.usefixtures("clock")
def test_a_place_far_behind_is_not_counted(verbs: Verbs) -> None:
    """Behind more than 10,000 jobs it is said to be just that."""
    verbs.register()
    first = verbs.job()
    verbs.run("alter table pgdispatch.job disable trigger user")
    verbs.run(FILL_READY, 10_001)

    near, far = (
        verbs.row("select * from pgdispatch.why(%s)", first + place) for place in (10_000, 10_001)
    )

    assert (near["position"], near["reason"]) == (10_001, "next in line behind 10000")
    assert (far["position"], far["reason"]) == (None, "next in line behind more than 10000")


def test_the_head_of_the_queue_is_not_sorted(crowd: Verbs) -> None:
    """It streams from the index: with a limit, the rest is not read."""
    plan = "\n".join(crowd.values("explain (costs off) select * from pgdispatch.queue limit 20"))

    assert "Index Scan using job_waiting_idx" in plan
    assert "Sort" not in plan
    assert "Seq Scan" not in plan
