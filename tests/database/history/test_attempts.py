"""Attempts that did not end their job are kept; one that succeeds at once leaves its job alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from support.sessions.clock import NOON, Clock
from support.sessions.verbs import Verbs

IN_ODD_SETTINGS = True

SECOND = timedelta(seconds=1)


def kept(verbs: Verbs) -> list[dict[str, Any]]:
    """Return the attempts that are kept, in the order of their end."""
    return verbs.rows("select * from pgdispatch.attempt order by ended_at, job, attempt")


def start(verbs: Verbs, clock: Clock, backgrounder: str, job: int) -> None:
    """Let a backgrounder start a job, a minute later."""
    clock.advance(60)
    verbs.run("update pgdispatch.job set not_before = pgdispatch.now() where state = 'delayed'")
    assert verbs.claim(backgrounder) == job


def test_each_attempt_that_did_not_end_its_job_leaves_what_it_was(
    verbs: Verbs, clock: Clock
) -> None:
    """Failed, killed, timed out, given back, lost, not begun: in the words of a turn."""
    told = ("error", "killed", "timed out", "given back", "lost", "not begun")
    verbs.schedule("hourly")
    task = verbs.task("alert", title="Watch", schedule="hourly", datasource="sales",
                      max_attempts=9)  # fmt: skip
    verbs.fire("hourly", NOON)
    job = verbs.value("select id from pgdispatch.job")
    for number, outcome in enumerate(told, start=1):
        start(verbs, clock, f"etl:{number}", job)
        clock.advance(5)
        verbs.turn([], [(job, number, outcome)], node="etl", errors=[f"e{number}"],
                   logs=[f"l{number}"])  # fmt: skip
    start(verbs, clock, "etl:1", job)
    verbs.finish(job)

    rows = kept(verbs)

    assert [(row["attempt"], row["ended_as"]) for row in rows] == list(enumerate(told, start=1))
    assert {(row["type"], row["site"], row["title"], row["task"]) for row in rows} == {
        ("alert", "default", "Watch", task)
    }
    assert {(row["schedule"], row["datasource"], row["node"]) for row in rows} == {
        ("hourly", "sales", "etl")
    }
    for number, row in enumerate(rows, start=1):
        assert row["backgrounder"] == f"etl:{number}"
        assert (row["error"], row["log"]) == (f"e{number}", f"l{number}")
        is_begun = row["ended_as"] != "not begun"
        assert row["asked_at"] == row["ended_at"] - 5 * SECOND
        assert row["started_at"] == (row["asked_at"] if is_begun else None)
        assert (row["not_before"] is not None) == (number <= 3)
    assert verbs.past(job)["attempt"] == len(told) + 1


def test_job_that_ends_with_its_attempt_leaves_none(verbs: Verbs) -> None:
    """However it ends: the history has it."""
    for said in ("succeeded", "error", "given back"):
        job = verbs.job(title=said)
        verbs.claim()
        if said == "given back":
            verbs.cancel(job)
        verbs.turn([], [(job, 1, said)])

    assert kept(verbs) == []
    ends = verbs.rows("select title, ended_as, is_end from pgdispatch.job_attempt order by job")
    assert [(row["title"], row["ended_as"], row["is_end"]) for row in ends] == [
        ("succeeded", "succeeded", True),
        ("error", "error", True),
        ("given back", "cancelled", True),
    ]


@pytest.mark.parametrize("way", ["recover", "turn"])
def test_answer_that_was_lost_is_told_apart_from_a_job_that_was_stopped(
    verbs: Verbs, way: str
) -> None:
    """Its handler never began, so it has no start."""
    job = verbs.job()
    verbs.claim("n:1")
    if way == "recover":
        assert verbs.value("select pgdispatch.recover('n:1')") == job
    else:
        verbs.turn([1], is_unsure=True)

    (row,) = kept(verbs)

    assert (row["ended_as"], row["started_at"], row["backgrounder"]) == ("not begun", None, "n:1")
    assert row["asked_at"] is not None


def test_what_a_backgrounder_has_handled_is_found_whatever_became_of_it(
    verbs: Verbs, clock: Clock
) -> None:
    """Ended there, elsewhere, waiting again, or running there: by one filter."""
    jobs = {name: verbs.job(title=name, max_attempts=3) for name in ("ended", "elsewhere", "waits")}
    for number, job in enumerate(jobs.values(), start=1):
        clock.advance(1)
        assert verbs.claim("etl:2") == job
        verbs.turn([], [(job, 1, "succeeded" if number == 1 else "error")], node="etl")
        verbs.run("update pgdispatch.job set not_before = %s where state = 'delayed'",
                  NOON + timedelta(hours=number))  # fmt: skip
    verbs.run("update pgdispatch.job set not_before = %s where id = %s",
              clock.now, jobs["elsewhere"])  # fmt: skip
    assert verbs.claim("etl:3") == jobs["elsewhere"]
    verbs.finish(jobs["elsewhere"])
    clock.advance(1)
    jobs["runs"] = verbs.job(title="runs")
    assert verbs.claim("etl:2") == jobs["runs"]

    found = verbs.rows(
        "select title, ended_as from pgdispatch.job_attempt where backgrounder = 'etl:2'"
    )

    assert [(row["title"], row["ended_as"]) for row in found] == [
        ("runs", None), ("waits", "error"), ("elsewhere", "error"), ("ended", "succeeded"),
    ]  # fmt: skip


@pytest.mark.parametrize("outcome", ["cancelled", "succeeded"])
def test_a_job_has_started_when_its_first_attempt_has(
    verbs: Verbs, clock: Clock, outcome: str
) -> None:
    """Where people ask how late it was; one that was not begun is no start."""
    verbs.schedule("hourly")
    verbs.task("alert", schedule="hourly", max_attempts=5)
    verbs.fire("hourly", NOON)
    job = verbs.value("select id from pgdispatch.job")
    late = "select started_at - %s as after, delayed_for from pgdispatch.delay where job = %s"
    seen = []
    for number, said in enumerate(("not begun", "error", "error"), start=1):
        start(verbs, clock, "etl:1", job)
        running = verbs.row(late, NOON, job)
        verbs.turn([], [(job, number, said)], node="etl")
        seen.append(verbs.row(late, NOON, job))

    if outcome == "cancelled":
        verbs.cancel(job)
    else:
        start(verbs, clock, "etl:1", job)
        verbs.finish(job)

    minute = timedelta(minutes=1)
    assert seen[0] == {"after": None, "delayed_for": minute}
    assert seen[1:] == [{"after": 2 * minute, "delayed_for": 2 * minute}] * 2
    assert running == verbs.row(late, NOON, job) == seen[1]
    ended = verbs.row("select * from pgdispatch.background_task where job = %s", job)
    assert (ended["due_at"], ended["first_started_at"]) == (NOON, NOON + 2 * minute)
    assert ended["delayed_for"] == 2 * minute
    assert (ended["started_at"] is None) == (outcome == "cancelled")
