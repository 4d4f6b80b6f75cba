"""Why a job was late, afterwards: by reason and by job in its way, summed exactly to its wait."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from support.rights.two_sites import acting_as, people_of
from support.sessions.clock import NOON, Clock
from support.sessions.verbs import Verbs

WHY_LATE = "select * from pgdispatch.why_late(%s)"
STATES = """
select node, is_up, is_drained, backgrounders, until_at from pgdispatch.node_state
order by until_at, is_up desc
"""


LEASE = "update pgdispatch.setting set value = '100' where name = 'lease_seconds'"
HEARD = """
update pgdispatch.node set heartbeat_at = pgdispatch.now() where heartbeat_at is not null
"""


@pytest.fixture(autouse=True)
def _lease(verbs: Verbs) -> None:
    """Have nodes lost after 100 seconds."""
    verbs.run(LEASE)


def later(verbs: Verbs, clock: Clock, seconds: float) -> None:
    """Let time pass while all nodes send their heartbeats."""
    clock.advance(seconds)
    verbs.run(HEARD)


def by(rows: list[dict[str, Any]], *fields: str) -> dict[Any, float]:
    """Sum the seconds up."""
    found: Counter[Any] = Counter()
    for row in rows:
        found[tuple(row[name] for name in fields)] += row["seconds"]
    return {key if len(key) > 1 else key[0]: float(found[key]) for key in found}


def test_each_moment_of_a_wait_has_its_reason_and_who_was_in_the_way(
    verbs: Verbs, clock: Clock
) -> None:
    """A pause, its datasource, its site's limit, no backgrounder, each after the other."""
    verbs.register(backgrounders=3)
    verbs.site("acme")
    first = verbs.job(site="acme", datasource="sales")
    others = [verbs.job(site="acme"), verbs.job(site="acme")]
    for number in (1, 2, 3):
        verbs.claim(f"n:{number}")
    job = verbs.job(site="acme", datasource="sales", priority=60)
    verbs.run("select pgdispatch.pause('site', 'acme', null, 'a copy')")
    later(verbs, clock, 10)
    verbs.run("select pgdispatch.end_pause('site', 'acme')")
    later(verbs, clock, 20)
    verbs.finish(first)
    before = verbs.job(site="acme", priority=1)
    assert verbs.claim("n:1") == before
    verbs.limit("acme", 3)
    later(verbs, clock, 30)
    verbs.limit("acme", None)
    later(verbs, clock, 40)
    verbs.finish(before)
    later(verbs, clock, 0.5)
    assert verbs.claim("n:1") == job

    rows = verbs.rows(WHY_LATE, job)

    assert by(rows, "kind") == {
        "paused": 10, "datasource": 20, "site limit": 30, "no backgrounder": 40.5,
    }  # fmt: skip
    assert by(rows, "kind", "behind_job")["datasource", first] == 20
    for kind, seconds in (("site limit", 10), ("no backgrounder", 40 / 3)):
        parts = {
            row["behind_job"]: row
            for row in rows
            if row["kind"] == kind and row["to_at"] - row["from_at"] >= timedelta(seconds=3)
        }
        assert set(parts) == {before, *others}
        assert all(abs(float(row["seconds"]) - seconds) < 0.3 for row in parts.values())
        assert parts[before]["is_before_in_order"]
        assert "by pgdispatch: a copy" in rows[0]["reason"]
    assert sum(row["seconds"] for row in rows) == 100.5


def test_spans_follow_one_another_and_seconds_sum_up_exactly(verbs: Verbs, clock: Clock) -> None:
    """Three that ran get a third each of what no number of microseconds divides by three."""
    verbs.register(backgrounders=3)
    for number in (1, 2, 3):
        verbs.job()
        verbs.claim(f"n:{number}")
    job = verbs.job()
    later(verbs, clock, 50.000001)

    rows = verbs.rows(WHY_LATE, job)

    assert len({row["behind_job"] for row in rows}) == 3
    assert str(sum(row["seconds"] for row in rows)) == "50.000001"


def test_what_came_before_the_last_attempt_is_told_apart(verbs: Verbs, clock: Clock) -> None:
    """A failed attempt and its pause, one that was lost with its node, and no node at all."""
    verbs.register("a")
    job = verbs.job(max_attempts=3)
    verbs.claim("a:1")
    later(verbs, clock, 10)
    verbs.turn([], [(job, 1, "retry")], results=["20"])
    later(verbs, clock, 20)
    verbs.claim("a:1")
    clock.advance(150)
    verbs.register("b")
    verbs.requeue(job, True)
    assert verbs.claim("b:1") == job

    rows = verbs.rows(WHY_LATE, job)

    assert by(rows, "kind") == {"ran before": 10, "retry pause": 20, "node lost": 150}
    waiting = verbs.job("flow")
    verbs.run("update pgdispatch.node set only_types = '{alert}'")
    clock.advance(7)
    assert by(verbs.rows(WHY_LATE, waiting), "kind")["no node"] == 7


def test_a_closed_window_is_told_as_the_queue_told_it(verbs: Verbs, clock: Clock) -> None:
    """Of its site, also after it was deleted while it was open; and of the only node."""
    verbs.register(backgrounders=1)
    verbs.site("acme")
    job = verbs.job(site="acme")
    later(verbs, clock, 5)
    for scope, target, begin, end in (("site", "acme", -60, 500), ("node", "n", 30, 60)):
        verbs.add(
            "closed_window", "name", name=f"a {scope}", scope=scope, target=target,
            from_at=clock.now + timedelta(seconds=begin), to_at=clock.now + timedelta(seconds=end),
        )  # fmt: skip
    later(verbs, clock, 20)
    verbs.run("delete from pgdispatch.closed_window where name = 'a site'")
    later(verbs, clock, 10)
    verbs.run("select * from pgdispatch.tick()")
    later(verbs, clock, 30)
    verbs.run("select * from pgdispatch.tick()")
    later(verbs, clock, 5)

    assert by(verbs.rows(WHY_LATE, job), "kind") == {
        "closed": 20, "not taken": 20, "paused": 30,
    }  # fmt: skip


def test_a_node_leaves_a_row_when_it_changes_and_none_by_a_heartbeat(
    verbs: Verbs, clock: Clock
) -> None:
    """Silence is noted when it speaks again: up until its lease was over, then down."""
    verbs.register("a")
    begun = len(verbs.rows(STATES))
    for seconds in (2, 50, 99):
        clock.advance(seconds)
        verbs.run(HEARD)
    assert len(verbs.rows(STATES)) == begun
    heard = clock.now
    clock.advance(500)
    verbs.run(HEARD)
    verbs.run("update pgdispatch.node set is_drained = true")

    rows = verbs.rows(STATES)[begun:]

    assert [(row["is_up"], row["is_drained"], row["until_at"]) for row in rows] == [
        (True, False, heard + timedelta(seconds=100)),
        (True, False, clock.now),
        (False, False, clock.now),
    ]


def test_whoever_is_confined_learns_no_more_than_that_others_were_in_the_way(
    verbs: Verbs, clock: Clock
) -> None:
    """Not who; and of another site's job nothing at all."""
    verbs.register(backgrounders=2)
    for site in ("acme", "globex"):
        verbs.site(site)
    others = [verbs.job(site="globex", title="secret") for _ in range(2)]
    for number in (1, 2):
        verbs.claim(f"n:{number}")
    job = verbs.job(site="acme")
    later(verbs, clock, 60)
    with people_of(verbs, "acme", "late_"), acting_as(verbs, "late_acme_viewer"):
        rows = verbs.rows(WHY_LATE, job)
        theirs = verbs.rows(WHY_LATE, others[0])
        sums = verbs.rows("select * from pgdispatch.waits(%s)", NOON)

    assert [(row["behind_job"], row["behind_title"], row["seconds"]) for row in rows] == [
        (None, None, 60)
    ]
    assert rows[0]["reason"].endswith("(jobs of other sites)")
    assert theirs == []
    assert [(row["site"], row["kind"], float(row["seconds"])) for row in sums] == [
        ("acme", "no backgrounder", 60)
    ]


def test_sums_of_all_jobs_are_the_sums_of_each(verbs: Verbs, clock: Clock) -> None:
    """In the stretch of time that was asked about, and not outside it."""
    verbs.register(backgrounders=2)
    verbs.schedule("night")
    first = verbs.job(schedule="night", datasource="sales")
    jobs = [verbs.job(datasource="sales") for _ in range(2)] + [verbs.job() for _ in range(3)]
    assert verbs.claim("n:1") == first
    verbs.claim("n:2")
    for number in range(6):
        later(verbs, clock, 10 + number)
        ending, backgrounder = verbs.row(
            "select id, backgrounder from pgdispatch.job where state = 'running' "
            "order by id limit 1"
        ).values()
        verbs.finish(ending)
        verbs.claim(backgrounder)

    each = Counter[Any]()
    for job in jobs:
        each.update(by(verbs.rows(WHY_LATE, job), "kind"))
    whole = by(verbs.rows("select * from pgdispatch.waits(%s)", NOON), "kind")
    early = verbs.rows("select * from pgdispatch.waits(%s, %s)", NOON, NOON + timedelta(seconds=10))

    assert whole == each
    assert by(early, "kind", "behind_schedule")["datasource", "night"] == 20
    assert verbs.rows("select * from pgdispatch.waits(%s, %s)", NOON - timedelta(1), NOON) == []
