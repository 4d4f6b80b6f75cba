"""Queues in which jobs wait for every reason there is, in any order, the same for one seed."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

from support.sessions.clock import NOON, Clock
from support.sessions.verbs import Verbs


def spend(verbs: Verbs, clock: Clock, site: str, seconds: int) -> None:
    """Use up the budget of a site by one run of so many seconds."""
    job = verbs.job(site=site, priority=1)
    assert verbs.claim("n:1") == job
    clock.advance(seconds)
    verbs.run("update pgdispatch.node set heartbeat_at = pgdispatch.now()")
    verbs.finish(job)


def any_job(random: Random, tasks: list[int]) -> dict[str, Any]:
    """Return the columns of a job that may have any gate, time, place and type."""
    if tasks and random.random() < 0.2:
        return {"type": "full_extract", "task": tasks.pop()}
    return {
        "type": random.choice(["flow", "alert", "system", "full_extract", "subscription"]),
        "site": random.choice(["acme", "spent", "default"]),
        "datasource": random.choice([None, "a", "b"]),
        "schedule": random.choice([None, None, "nightly"]),
        "priority": random.choice([None, 1, 50, 100]),
        "not_before": random.choice([None, None, NOON + timedelta(hours=2 * random.random())]),
    }


def add_tasks(verbs: Verbs, clock: Clock) -> None:
    """Schedule tasks of one type, of which one has run before and all are of different age."""
    verbs.schedule("hourly")
    for _ in range(4):
        task = verbs.task(schedule="hourly")
        clock.advance(1)
    job = verbs.run_now(task)
    verbs.claim("n:2")
    clock.advance(1)
    verbs.finish(job)


def any_queue(verbs: Verbs, clock: Clock, seed: int) -> None:
    """Fill a random queue, in which some run, some are parked and some delayed."""
    random = Random(seed)  # noqa: S311  # a seeded history, no secret
    if seed % 2:
        verbs.run("update pgdispatch.setting set value = 'created' where name = 'tie_break'")
    verbs.register("n", types=["flow", "alert", "system", "full_extract"])
    verbs.site("acme", 2)
    verbs.site("spent", daily_seconds=5)
    verbs.schedule("nightly", "serial")
    spend(verbs, clock, "spent", 6)
    verbs.job(schedule="nightly", priority=1)
    verbs.claim("n:1")
    add_tasks(verbs, clock)
    tasks = [verbs.task(datasource=random.choice([None, "a"])) for _ in range(20)]
    for number in range(60):
        verbs.job(**any_job(random, tasks))
        clock.advance(random.random() * 60)
        if not number % 8:
            verbs.claim(f"n:{2 + number}")
    for task in tasks[:5]:
        verbs.run_now(task)
    verbs.fire("hourly", clock.now)

    verbs.run("update pgdispatch.node set heartbeat_at = pgdispatch.now()")
