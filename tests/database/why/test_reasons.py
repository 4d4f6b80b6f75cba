"""Each waiting job has exactly one reason, and `why` tells the same of it as the queue."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from support.sessions.clock import NOON, Clock
from support.sessions.ring import Ring
from support.sessions.verbs import Verbs
from support.sessions.waiting import any_queue, spend

QUEUE = """
select job, position, decided_by, reason, kind, blocker, needs_person, waits_for
from pgdispatch.queue
"""
KINDS = {
    "next in line behind": "next",
    "not before": "time",
    "no node takes": "no node",
    "paused": "paused",
    "datasource busy": "datasource",
    "serial schedule busy": "schedule",
    "site limit": "site limit",
    "site budget spent": "site budget",
    "site held": "held",
}
WHY = "select * from pgdispatch.why(%s)"
MANY = """
insert into pgdispatch.job (type, datasource, priority)
select 'system', case when n %% 3 = 0 then 'sales' end, 1 + n %% 100
from generate_series(1, 1200) as n
"""


def reason(verbs: Verbs, job: int) -> str:
    """Return why a job waits."""
    return str(verbs.value("select reason from pgdispatch.queue where job = %s", job))


def test_reason_tells_that_the_budget_of_the_site_is_spent(verbs: Verbs, clock: Clock) -> None:
    """With the time of the refill in the session's zone; before and after it was parked."""
    verbs.run("set timezone = 'UTC'")
    verbs.register()
    verbs.site("acme", daily_seconds=60, refill_at="04:30", time_zone="Asia/Tokyo")
    spend(verbs, clock, "acme", 61)
    job = verbs.job(site="acme")
    before = reason(verbs, job)
    assert verbs.claim("n:1") is None

    assert before == reason(verbs, job) == "site budget spent (refill 19:30)"


def test_budget_is_told_before_the_limit_of_the_site(verbs: Verbs, clock: Clock) -> None:
    """Both hold; the one that will hold longer is said."""
    verbs.run("set timezone = 'UTC'")
    verbs.register()
    verbs.site("acme", 1, daily_seconds=60)
    running = verbs.job(site="acme")
    job = verbs.job(site="acme")
    verbs.claim("n:1")
    clock.advance(61)
    verbs.run("update pgdispatch.node set heartbeat_at = pgdispatch.now()")
    before = reason(verbs, job)
    verbs.finish(running)
    verbs.run("update pgdispatch.site set max_running_jobs = 0")

    assert before == "site limit (1 of 1 running)"
    assert reason(verbs, job) == "site budget spent (refill 2026-03-03 00:00)"


def test_reason_is_paused_while_all_nodes_for_it_are_drained(verbs: Verbs) -> None:
    """A drained node that does not take the type does not count."""
    verbs.register("a", types=["flow"])
    verbs.register("b", types=["alert"])
    flow, alert = verbs.job("flow"), verbs.job("alert")

    verbs.run("update pgdispatch.node set is_drained = true where name = 'a'")

    assert reason(verbs, flow) == "paused (a drained)"
    assert reason(verbs, alert) == "next in line behind 0"


def test_reason_names_few_drained_nodes_and_counts_many(verbs: Verbs) -> None:
    """In one phrase, whatever their number; those who are confined are told no names."""
    job = verbs.job()
    for name in ("c", "b", "a"):
        verbs.register(name)
    verbs.run("update pgdispatch.node set is_drained = true")
    few = reason(verbs, job)
    verbs.register("d")
    verbs.run("update pgdispatch.node set is_drained = true")

    assert few == "paused (a, b, c drained)"
    assert reason(verbs, job) == "paused (a and 3 more drained)"


@pytest.mark.parametrize(
    ("type_", "words"),
    [
        ("system", "no node takes system jobs"),
        ("extract_creation", "no node takes extract_creations"),
        ("reindex", "no node takes reindex jobs"),
        ("archive", "no node takes archive jobs"),
    ],
)
def test_reason_names_the_type_that_nobody_takes(verbs: Verbs, type_: str, words: str) -> None:
    """A type of one's own, or one that is no thing, is not put into the plural."""
    verbs.run("insert into pgdispatch.job_type (name) values ('reindex')")
    verbs.run("insert into pgdispatch.job_type (name, description) values ('archive', 'old rows')")

    assert reason(verbs, verbs.job(type_)) == words


def test_reason_of_a_retry_is_its_time(verbs: Verbs, clock: Clock) -> None:
    """It waits as any job with not_before."""
    assert clock.now == NOON
    verbs.run("set timezone = 'UTC'")
    verbs.register()
    job = verbs.job(max_attempts=2)
    verbs.claim()
    verbs.fail(job)
    verbs.run("update pgdispatch.job set not_before = %s", NOON + timedelta(minutes=1))

    row = verbs.row("select reason, failures, last_error from pgdispatch.queue")

    assert tuple(row.values()) == ("not before 12:01", 1, "boom")


def kind_of(reason: str) -> tuple[str, int | None]:
    """Return the kind that the words of a reason tell, and the job that they name."""
    (kind,) = (kind for words, kind in KINDS.items() if reason.startswith(words))
    named = re.search(r"\(job (\d+)\)", reason)
    return kind, None if named is None else int(named[1])


def test_kind_and_blocker_of_what_is_drained_or_held(ring: Ring) -> None:
    """What the random queue below does not come to."""
    verbs = ring.watch
    verbs.register("a", types=["flow"])
    verbs.register("b", types=["system"])
    verbs.run("update pgdispatch.node set is_drained = true where name = 'a'")
    verbs.site("acme", 1)
    verbs.job("flow")
    verbs.job("system", site="acme")
    holder = ring.session(begin=True)
    holder.verbs.run("select pgdispatch.lock_gates(array['site/acme'], true)")
    verbs.run("select pgdispatch.notice_gate('site/acme')")

    shown = verbs.rows("select reason, kind, blocker from pgdispatch.queue")

    assert [(row["kind"], row["blocker"]) for row in shown] == [("paused", None), ("held", None)]
    assert [kind_of(row["reason"]) for row in shown] == [("paused", None), ("held", None)]


@pytest.mark.parametrize(
    ("act", "kind", "needs_person"),
    [
        ("update pgdispatch.node set is_drained = true", "paused", True),
        ("update pgdispatch.node set backgrounders = 0", "no node", True),
        ("update pgdispatch.site set max_running_jobs = 0", "site limit", True),
        ("update pgdispatch.site set daily_seconds = 0", "site budget", True),
        ("select pgdispatch.pause('all')", "paused", True),
        ("select pgdispatch.pause('all', null, now() + interval '1 day')", "paused", False),
        ("select", "next", False),
    ],
)
def test_what_only_a_person_can_end_is_told_at_the_insert(
    verbs: Verbs, act: str, kind: str, needs_person: bool
) -> None:
    """By the queue, its pages, why, and the counts; before any claim."""
    verbs.register()
    verbs.run(act)

    job = verbs.job()

    told = [
        verbs.row(f"select kind, needs_person from {source}")
        for source in (
            "pgdispatch.queue", "pgdispatch.queue_page()", f"pgdispatch.why({job})",
            "pgdispatch.queue_counts()",
        )
    ]  # fmt: skip
    assert told == [{"kind": kind, "needs_person": needs_person}] * 4


def test_why_gives_no_row_for_a_job_that_does_not_wait(verbs: Verbs) -> None:
    """It runs, has ended, or was never there."""
    running, ended = verbs.job(), verbs.job()
    verbs.claim("n:1")
    verbs.cancel(ended)

    assert [verbs.rows(WHY, job) for job in (running, ended, 4711)] == [[], [], []]


@pytest.mark.parametrize("seed", range(4))
def test_why_agrees_with_the_queue(verbs: Verbs, clock: Clock, seed: int) -> None:
    """On every job of a random queue, in which some run, some are parked and some delayed."""
    any_queue(verbs, clock, seed)
    shown = verbs.rows(QUEUE)

    assert [verbs.row(WHY, row["job"]) for row in shown] == shown
    assert [(row["kind"], row["blocker"]) for row in shown] == [
        kind_of(row["reason"]) for row in shown
    ]
    assert len({row["kind"] for row in shown}) > 4
    assert any(row["blocker"] for row in shown)
    assert ("created" if seed % 2 else "run time") in {row["decided_by"] for row in shown}


def test_why_agrees_with_the_queue_behind_the_thousandth_place(verbs: Verbs, clock: Clock) -> None:
    """Up to there the jobs that could start are counted, behind it those that are ready."""
    assert clock.now
    verbs.register()
    verbs.run(MANY)
    for number in range(30):
        verbs.claim(f"n:{1 + number}")

    shown = [row for row in verbs.rows(QUEUE) if row["position"] in {1, 2, 999, 1000, 1001, 1100}]

    assert [verbs.row(WHY, row["job"]) for row in shown] == shown
