"""What the tests of the screen share: an evening's work on a database whose clock stands still."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest

from support.servers.embedded import Connect
from support.sessions.clock import NOON, Clock
from support.sessions.verbs import Verbs


@dataclass
class Evening:
    """Three sites, two nodes with five backgrounders, two jobs that run and five that wait."""

    dsn: str
    verbs: Verbs
    clock: Clock
    jobs: dict[str, int]
    tasks: dict[str, int]


@pytest.fixture
def evening(database: str, connect: Connect) -> Evening:
    """Give a database with something in every pane."""
    verbs = Verbs(connect(database, options="-c search_path=public"))
    made = Evening(database, verbs, Clock(verbs.connection), {}, {})
    furnish(made)
    return made


def furnish(evening: Evening) -> None:
    """Let two jobs run, five wait, one have failed, and one node be lost."""
    verbs, jobs, tasks = evening.verbs, evening.jobs, evening.tasks
    for site, limit in (("finance", 2), ("retail", None)):
        verbs.site(site, limit)
    verbs.register("lost-1", 1)
    evening.clock.advance(600)
    for node, count, types in (("etl-1", 3, None), ("web-1", 2, ["alert"])):
        verbs.register(node, count, types)
        for number in range(1, count + 1):
            verbs.run("select pgdispatch.start_backgrounder(%s, %s)", f"{node}:{number}", number)
    verbs.schedule("evening", priority=35, recurrence="daily at 20:00")
    for title in ("Ledger", "Payroll"):
        tasks[title] = verbs.task(title=title, site="finance", schedule="evening")
    jobs["broken"] = verbs.job("full_extract", title="Broken", task=tasks["Payroll"])
    verbs.claim("etl-1:1")
    verbs.fail(jobs["broken"])
    for title in ("Ledger", "Cash"):
        jobs[title] = verbs.job(
            "full_extract", title=title, site="finance", datasource=title, priority=10
        )
        verbs.claim(f"etl-1:{len(jobs) - 1}")
    evening.clock.advance(1200)
    verbs.run("update pgdispatch.job set usual_seconds = 600, progress = 40")
    wait(evening)
    verbs.run("update pgdispatch.node set heartbeat_at = pgdispatch.now() where name <> 'lost-1'")


def wait(evening: Evening) -> None:
    """Add what waits."""
    verbs, jobs = evening.verbs, evening.jobs
    jobs["New rows"] = verbs.job(
        "incremental_extract", title="New rows", site="finance", datasource="Ledger", priority=20
    )
    jobs["Rates"] = verbs.job("full_extract", title="Rates", site="finance", priority=30)
    jobs["Orders"] = verbs.job("full_extract", title="Orders\x1b[2J\u202e", site="retail")
    jobs["Later"] = verbs.job(
        "full_extract", title="Later", site="retail", not_before=NOON + timedelta(hours=2)
    )
    verbs.add("job_type", "name", name="thumbnails", rank=9)
    verbs.run("update pgdispatch.node set except_types = '{thumbnails}' where name = 'etl-1'")
    jobs["Thumbs"] = verbs.job("thumbnails", title="Thumbs", site="retail", priority=60)
    evening.clock.advance(120)
