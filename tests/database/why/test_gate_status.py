"""The gates that are full: who holds them, how many wait and which is the best; and all counts."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from support.rights.two_sites import TRACE, Sites, acting_as
from support.sessions.clock import NOON, Clock
from support.sessions.ring import Ring
from support.sessions.verbs import Verbs
from support.sessions.waiting import any_queue, spend

AT_GATES = """
select
    case when j.state = 'parked' then j.gate else (
        select gate
        from unnest(array[
            'datasource/' || j.site || '/' || j.datasource, 'schedule/' || j.schedule,
            'site/' || j.site
        ]) with ordinality as own (gate, place)
        where gate in (select gate from pgdispatch.obstacles())
        order by place
        limit 1
    ) end as gate,
    j.id as job
from pgdispatch.job as j
where j.backgrounder is null
    and (j.state = 'parked' or j.state = 'ready' and j.type not in (
        select substr(gate, 6) from pgdispatch.obstacles() where gate like 'type/%%'
    ))
order by precedence, priority, queued_at, type_rank, tie_first, tie_second, id
"""
MANY = """
insert into pgdispatch.job (
    type, site, priority, created_by, inserted_by, created_at, is_serial, precedence, queued_at,
    type_rank, tie_first, tie_second, state, gate, max_attempts
)
select 'system', 'acme', 50, 'x', 'x', pgdispatch.now(), false, 1, pgdispatch.now(), -1, 0, 0,
    'parked', 'site/acme', 1
from generate_series(1, %s)
"""


def crowd(verbs: Verbs, jobs: int) -> None:
    """Park many jobs at the gate of acme, without the triggers."""
    verbs.run("alter table pgdispatch.job disable trigger user")
    verbs.run(MANY, jobs)
    verbs.run("alter table pgdispatch.job enable trigger user")


@pytest.mark.parametrize("seed", range(4))
def test_gates_agree_with_the_queue(verbs: Verbs, clock: Clock, seed: int) -> None:
    """Their words and holders are its reasons and blockers; who waits there waits in it."""
    any_queue(verbs, clock, seed)
    told = verbs.rows(
        "select distinct kind, reason, blocker from pgdispatch.queue "
        "where kind in ('datasource', 'schedule', 'site limit', 'site budget')"
    )
    waiting = [row for row in verbs.rows(AT_GATES) if row["gate"]]

    gates = verbs.rows("select * from pgdispatch.gate_status")

    assert told
    shown = [(gate["kind"], gate["reason"], gate["holder"]) for gate in gates]
    assert {tuple(row.values()) for row in told} <= set(shown)
    counts = Counter(row["gate"] for row in waiting)
    assert {gate["gate"]: gate["waiting"] for gate in gates if gate["waiting"]} == {
        name: count for name, count in counts.items() if name in {gate["gate"] for gate in gates}
    }
    for gate in gates:
        best = next((row["job"] for row in waiting if row["gate"] == gate["gate"]), None)
        assert gate["best"] == best
    assert [gate["waiting"] for gate in gates] == sorted(
        (gate["waiting"] for gate in gates), reverse=True
    )


def test_a_gate_says_what_runs_there_and_until_when(verbs: Verbs, clock: Clock) -> None:
    """By the usual times of what runs; of a limit, until so many of them have ended as it takes."""
    verbs.register()
    verbs.site("acme", 3)
    verbs.schedule("nightly", "serial")
    jobs = [verbs.job(site="acme", datasource="a/b", schedule="nightly")]
    jobs += [verbs.job(site="acme") for _ in range(2)]
    for number in (1, 2, 3):
        verbs.claim(f"n:{number}")
    for job, seconds in zip(jobs, (60, 600, 120), strict=True):
        verbs.run("update pgdispatch.job set usual_seconds = %s where id = %s", seconds, job)
    waiting = verbs.job(site="acme", datasource="a/b")
    assert clock.now == NOON

    before = verbs.rows("select * from pgdispatch.gate_status order by gate")
    verbs.limit("acme", 2)
    (after,) = verbs.rows("select * from pgdispatch.gate_status where kind = 'site limit'")

    ends = {"gate": "datasource/acme/a/b", "kind": "datasource", "site": "acme"}
    assert before[0] == {
        **ends, "reason": f"datasource busy (job {jobs[0]})", "datasource": "a/b",
        "schedule": None, "holder": jobs[0], "running": 1, "room": 1,
        "until": NOON + timedelta(minutes=1), "needs_person": False, "waiting": 1,
        "best": waiting,
    }  # fmt: skip
    assert (before[1]["schedule"], before[1]["site"]) == ("nightly", None)
    assert (before[1]["holder"], before[1]["until"]) == (jobs[0], NOON + timedelta(minutes=1))
    assert (before[2]["gate"], before[2]["holder"], before[2]["datasource"]) == (
        "site/acme", None, None,
    )  # fmt: skip
    assert (before[2]["running"], before[2]["room"]) == (3, 3)
    assert before[2]["until"] == NOON + timedelta(minutes=1)
    assert (after["running"], after["room"]) == (3, 2)
    assert after["until"] == NOON + timedelta(minutes=2)


def test_a_budget_that_is_spent_has_room_at_its_refill(verbs: Verbs, clock: Clock) -> None:
    """And the counts say the same as the queue, of jobs that no claim has come to, too."""
    verbs.register()
    verbs.site("acme", 5, daily_seconds=60, refill_at="18:00")
    spend(verbs, clock, "acme", 61)
    verbs.job(site="acme")
    verbs.job(site="acme", not_before=clock.now + timedelta(hours=1))

    gate = verbs.row("select * from pgdispatch.gate_status")
    usage = verbs.row("select * from pgdispatch.site_usage where site = 'acme'")

    assert (gate["kind"], gate["room"], gate["running"]) == ("site budget", 0, 0)
    assert gate["until"] == NOON.replace(hour=18)
    assert gate["waiting"] == 1
    assert (usage["waiting"], usage["deferred"], usage["overflow"]) == (2, 1, 0)
    assert usage["is_complete"]


def test_a_gate_that_is_held_says_by_whom(ring: Ring) -> None:
    """Rather than that it is full, if it is both; a limit of 0 has no time."""
    verbs = ring.watch
    verbs.register()
    verbs.site("acme", 0)
    job = verbs.job(site="acme")
    full = verbs.row("select kind, running, room, until, best from pgdispatch.gate_status")
    ring.session(begin=True).verbs.run("select pgdispatch.lock_gates(array['site/acme'], true)")
    verbs.run("select pgdispatch.notice_gate('site/acme')")

    held = verbs.row("select kind, running, room, until, best from pgdispatch.gate_status")

    assert tuple(full.values()) == ("site limit", 0, 0, None, job)
    assert tuple(held.values()) == ("held", None, None, None, job)


def test_those_who_wait_at_a_gate_are_counted_to_a_thousand_and_one(
    verbs: Verbs, clock: Clock
) -> None:
    """More is not told."""
    assert clock.now
    verbs.register()
    verbs.site("acme", 0)
    crowd(verbs, 1002)

    gate = verbs.row("select waiting, best from pgdispatch.gate_status")

    assert tuple(gate.values()) == (
        1001, verbs.value("select min(id) from pgdispatch.job"),
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(2))
def test_counts_agree_with_the_queue(verbs: Verbs, clock: Clock, seed: int) -> None:
    """By site, kind of reason and state; and by site in site_usage."""
    any_queue(verbs, clock, seed)
    queue = verbs.rows("select site, kind, type, state from pgdispatch.queue")

    counts = verbs.rows("select * from pgdispatch.queue_counts()")
    usage = verbs.rows("select site, waiting, deferred from pgdispatch.site_usage")

    assert all(row.pop("is_complete") for row in counts)
    assert {tuple(row.values())[:4]: row["jobs"] for row in counts} == Counter(
        tuple(row.values()) for row in queue
    )
    assert {row["site"]: row["waiting"] for row in usage if row["waiting"]} == Counter(
        row["site"] for row in queue
    )
    assert {row["site"]: row["deferred"] for row in usage if row["deferred"]} == Counter(
        row["site"] for row in queue if row["kind"] == "site budget"
    )


@pytest.mark.parametrize(("jobs", "is_complete"), [(10_000, True), (10_001, False)])
def test_nothing_is_counted_past_ten_thousand(
    verbs: Verbs, clock: Clock, jobs: int, is_complete: bool
) -> None:
    """And that is said."""
    assert clock.now
    verbs.site("acme", 0)
    crowd(verbs, jobs)
    if not is_complete:
        verbs.job(priority=99)

    counts = verbs.rows("select site, jobs, is_complete from pgdispatch.queue_counts()")
    usage = verbs.rows("select site, waiting, overflow, is_complete from pgdispatch.site_usage")

    assert [tuple(row.values()) for row in counts] == [("acme", jobs, is_complete)]
    assert [tuple(row.values()) for row in usage] == [
        ("acme", jobs, jobs, is_complete), ("default", 0, 0, is_complete),
    ]  # fmt: skip


def test_gates_and_counts_of_the_confined_are_their_own(sites: Sites) -> None:
    """Of a serial schedule that is shared they learn that it is busy."""
    verbs, _, _ = sites
    shared = verbs.schedule("shared", "serial")
    verbs.task(site="acme", schedule=shared)
    verbs.job(site="globex", schedule=shared, priority=1)
    verbs.claim("n:4")
    theirs = verbs.job(site="globex", schedule=shared, priority=1)
    mine = verbs.job(site="acme", schedule=shared)
    with acting_as(verbs, "all_viewer"):
        both = verbs.row(
            "select best, waiting from pgdispatch.gate_status where schedule = 'shared'"
        )
    with acting_as(verbs, "acme_viewer"):
        gates = verbs.rows("select * from pgdispatch.gate_status")
        counts = verbs.rows("select * from pgdispatch.queue_counts()")
        queue = verbs.values("select site from pgdispatch.queue")

    assert tuple(both.values()) == (theirs, 2)
    (one,) = (gate for gate in gates if gate["schedule"] == shared)
    assert (one["holder"], one["until"], one["waiting"], one["best"]) == (None, None, 1, mine)
    assert {gate["site"] for gate in gates} == {None, "acme"}
    assert not TRACE.search(str([{**gate, "best": None} for gate in gates]))
    assert sum(row["jobs"] for row in counts) == len(queue)
    assert {row["site"] for row in counts} == {"acme"}
