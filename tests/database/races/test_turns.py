"""Turns of nodes beside each other, and beside people who hold what they need."""

from __future__ import annotations

from typing import Any

import pytest

from support.sessions.ring import Ring
from support.sessions.verbs import Verbs


def started(rows: list[dict[str, Any]]) -> list[int]:
    """Return the jobs that a turn has started."""
    return [row["id"] for row in rows if row["verdict"] == "run"]


def test_person_who_holds_a_job_that_has_ended_holds_up_its_backgrounder_only(
    ring: Ring, verbs: Verbs
) -> None:
    """That ending is to be sent again; until then nothing starts there. Nobody waits."""
    held, other = (verbs.job(priority=1) for _ in range(2))
    verbs.turn([1, 2])
    more = [verbs.job() for _ in range(3)]
    person = ring.session(begin=True)
    person.verbs.cancel(held)

    rows = verbs.turn([1, 2], [(held, 1, "succeeded"), (other, 1, "succeeded")])

    assert [(row["verdict"], row["id"]) for row in rows] == [("held", held), ("run", more[0])]
    assert [row["backgrounder"] for row in rows] == ["n:1", "n:2"]
    assert verbs.state(held) == "running"

    person.commit()
    rows = verbs.turn([1], [(held, 1, "succeeded")])
    assert verbs.state(held) == "succeeded"
    assert started(rows) == [more[1]]


def test_turns_of_two_nodes_share_the_jobs_without_gates(ring: Ring, verbs: Verbs) -> None:
    """The second waits for nothing, and starts what comes behind."""
    jobs = [verbs.job() for _ in range(5)]
    ahead = ring.session(begin=True)

    assert started(ahead.verbs.turn([1, 2], node="a")) == jobs[:2]
    assert started(verbs.turn([1, 2, 3], node="b")) == jobs[2:]


def test_jobs_that_somebody_has_leave_the_best_of_the_others_to_the_first_who_is_free(
    ring: Ring, verbs: Verbs
) -> None:
    """Also where what was touched once is free again: it keeps its place."""
    jobs = [verbs.job() for _ in range(6)]
    rival = ring.session(begin=True)
    for job in jobs[:4]:
        rival.verbs.run("select from pgdispatch.job where id = %s for update", job)
    rival.rollback()
    rival.begin()
    for job in (jobs[0], jobs[2]):
        rival.verbs.run("select from pgdispatch.job where id = %s for update", job)

    rows = verbs.turn([5, 2, 3], node="b")

    assert started(rows) == [jobs[1], jobs[3], jobs[4]]
    assert [row["backgrounder"] for row in rows] == ["b:5", "b:2", "b:3"]

    rival.rollback()
    assert started(verbs.turn([1, 4], node="b")) == [jobs[0], jobs[2]]


def test_turn_starts_what_comes_before_a_gate_that_a_rival_holds_and_asks_again(
    ring: Ring, verbs: Verbs
) -> None:
    """What comes behind has to wait until it is known what becomes of the one with the gate."""
    first = verbs.job(datasource="sales", priority=2)
    ahead, behind = ring.session(begin=True), ring.session()
    assert started(ahead.verbs.turn([1], node="a")) == [first]
    plain, gated, last = (
        verbs.job(priority=1), verbs.job(priority=3, datasource="sales"), verbs.job(priority=4)
    )  # fmt: skip
    rows = verbs.turn([1, 2, 3], node="b")
    assert started(rows) == [plain]
    assert [row["verdict"] for row in rows] == ["run", "contended"]

    waiting = ring.start_waiting(behind, lambda v: v.turn([2, 3], node="b"))
    ahead.commit()
    assert started(waiting.result()) == [last]
    assert verbs.column(gated, "gate") == "datasource/default/sales"


@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_second_turn_of_one_node_waits_for_the_first_and_finds_what_it_started(
    ring: Ring, verbs: Verbs, end: str
) -> None:
    """The first is one whose answer was lost: what it has started, nobody runs."""
    jobs = [verbs.job() for _ in range(2)]
    lost, again = ring.session(begin=True), ring.session()
    assert started(lost.verbs.turn([1])) == jobs[:1]
    waiting = ring.start_waiting(again, lambda v: v.turn([1], is_unsure=True))

    getattr(lost, end)()

    assert started(waiting.result()) == jobs[:1]
    assert verbs.attempt(jobs[0]) == (2 if end == "commit" else 1)
    assert verbs.value("select count(*) from pgdispatch.job where state = 'running'") == 1


def test_ends_of_many_at_one_gate_wake_as_many_though_a_rival_held_it_for_a_moment(
    ring: Ring, verbs: Verbs
) -> None:
    """The gate is waited for once, and there is room for three."""
    verbs.site("red", 3)
    running = [verbs.job(site="red") for _ in range(3)]
    assert started(verbs.turn([1, 2, 3])) == running
    parked = [verbs.job(site="red") for _ in range(4)]
    assert verbs.turn([4]) == []
    rival, ending = ring.session(begin=True), ring.session()
    rival.verbs.run(
        "select pg_advisory_xact_lock(pgdispatch.lock_class('gate'), hashtext('site/red'))"
    )
    ended = [(job, 1, "succeeded") for job in running]
    waiting = ring.start_waiting(ending, lambda v: v.turn([1, 2, 3], ended))

    rival.commit()

    assert started(waiting.result()) == parked[:3]
    assert verbs.sweep() == 0


@pytest.mark.parametrize("names", ["abc", "abcdefghij"], ids=["few", "many"])
def test_turns_that_end_jobs_of_common_gates_do_not_deadlock(
    ring: Ring, verbs: Verbs, names: str
) -> None:
    """Each takes the gates of all its ended jobs in the one order."""
    for name in names:
        verbs.site(name, 2)
    jobs = {
        node: [verbs.job(site=site) for site in sites]
        for node, sites in (("one", names), ("two", names[::-1]))
    }
    for node, own in jobs.items():
        assert sorted(started(verbs.turn(range(1, len(own) + 1), node=node))) == own
    blocker = ring.session(begin=True)
    blocker.verbs.run(
        "select pg_advisory_xact_lock(pgdispatch.lock_class('gate'), hashtext('site/b'))"
    )
    ends = [
        ring.start_waiting(
            ring.session(),
            lambda v, node=node, own=own: v.turn(  # type: ignore[misc]  # bound now
                [1], [(job, 1, "succeeded") for job in own], node=node
            ),
        )
        for node, own in jobs.items()
    ]

    blocker.commit()

    assert [end.result() for end in ends] == [[], []]
    assert ring.deadlocks() == 0
