"""How many backgrounders it would take for what runs and could run now."""

from __future__ import annotations

from typing import Any

import pytest

from support.sessions.clock import Clock
from support.sessions.ring import Ring
from support.sessions.verbs import Verbs

DESIRED = "select type, running, startable, desired from pgdispatch.desired_backgrounders()"
MANY = "insert into pgdispatch.job (type, site) select 'flow', %s from generate_series(1, %s)"


def desired(verbs: Verbs) -> dict[str, tuple[int, int]]:
    """Return how many run and could start, of each type of which there are any."""
    rows = verbs.rows(DESIRED)
    wrong = [row for row in rows if row["desired"] != row["running"] + row["startable"]]
    assert wrong == []
    return {row["type"]: (row["running"], row["startable"]) for row in rows if row["desired"] > 0}


def test_what_runs_and_what_could_start_counts_by_type(verbs: Verbs) -> None:
    """All types have a row; whether a node takes them does not matter."""
    verbs.register("n", types=["flow"])
    verbs.job("flow"), verbs.job("flow"), verbs.job("system")
    verbs.claim()

    assert desired(verbs) == {"flow": (1, 1), "system": (0, 1)}
    assert verbs.values(DESIRED) == verbs.values(
        "select name from pgdispatch.job_type order by rank, name"
    )
    verbs.run("update pgdispatch.node set is_drained = true")
    assert desired(verbs) == {"flow": (1, 1), "system": (0, 1)}


HELD: dict[str, tuple[tuple[str, ...], dict[str, Any]]] = {
    "not due": ((), {"not_before": "2130-01-01"}),
    "everything is paused": (("select pgdispatch.pause('all')",), {}),
    "its site is paused": (("select pgdispatch.pause('site', 'acme')",), {}),
    "its type is paused": (("select pgdispatch.pause('type', 'flow')",), {}),
    "its schedule is paused": (
        ("select pgdispatch.pause('schedule', 'wide')",), {"schedule": "wide"}),
    "its datasource is busy": ((), {"datasource": "sales"}),
    "its serial schedule is busy": ((), {"schedule": "line"}),
    "its site may run no more": (
        ("update pgdispatch.site set max_running_jobs = 1 where name = 'acme'",), {}),
    "its site has spent its budget": (
        ("update pgdispatch.site set daily_seconds = 0 where name = 'acme'",), {}),
}  # fmt: skip


@pytest.mark.parametrize("why", HELD)
def test_what_cannot_start_does_not_count(verbs: Verbs, why: str) -> None:
    """Neither before a claim has looked at it, nor after."""
    statements, columns = HELD[why]
    verbs.site("acme")
    verbs.schedule("line", "serial")
    verbs.register("n")
    verbs.schedule("wide")
    verbs.job("system", site="acme", datasource="sales", schedule="line")
    verbs.claim()
    verbs.job("flow", site="acme", **columns)
    for statement in statements:
        verbs.run(statement)

    before = desired(verbs)
    verbs.claim("n:2")

    assert before == {"system": (1, 0)}
    assert desired(verbs) == before


def test_of_jobs_that_cannot_run_at_once_as_many_count_as_can(verbs: Verbs) -> None:
    """One a datasource, one a serial schedule, and of a site what it has room for."""
    verbs.site("acme", 3)
    verbs.site("globex")
    verbs.schedule("line", "serial")
    verbs.schedule("wide")
    for _ in range(4):
        verbs.job("flow", site="globex", datasource="sales")
        verbs.job("alert", site="globex", schedule="line")
        verbs.job("system", site="globex", schedule="wide", datasource=None)
    verbs.job("flow", site="globex", datasource="people")
    verbs.run(MANY, "acme", 9)
    verbs.register("n", backgrounders=1)

    assert desired(verbs) == {"flow": (0, 2 + 3), "alert": (0, 1), "system": (0, 4)}
    took = 0
    for number in range(1, 30):
        took += verbs.claim(f"n:{number}") is not None
    assert took == 2 + 3 + 1 + 4
    assert desired(verbs) == {"flow": (5, 0), "alert": (1, 0), "system": (4, 0)}


def test_without_a_node_what_has_become_startable_counts(verbs: Verbs, clock: Clock) -> None:
    """A job that is due, a pause that is over, a limit that is gone: nobody has looked."""
    verbs.site("acme", 0)
    verbs.register("n")
    verbs.run("select pgdispatch.pause('type', 'alert', pgdispatch.now() + interval '1 hour')")
    verbs.job("flow", not_before=clock.now.replace(hour=13))
    verbs.job("alert"), verbs.job("alert")
    verbs.job("system", site="acme")
    verbs.claim()
    before = desired(verbs)
    verbs.run("update pgdispatch.site set max_running_jobs = null where name = 'acme'")

    clock.advance(3601)

    assert before == {}
    assert desired(verbs) == {"flow": (0, 1), "alert": (0, 2), "system": (0, 1)}


@pytest.mark.usefixtures("newest_only")
def test_ten_thousand_are_counted_and_one_for_all_beyond(verbs: Verbs) -> None:
    """So that a first node is started that finds what is behind those that cannot run."""
    verbs.run(MANY, "default", 10_000)
    whole = desired(verbs)
    verbs.job("alert", priority=100)
    beyond = desired(verbs)
    verbs.run("select pgdispatch.pause('type', 'flow')")

    assert whole == {"flow": (0, 10_000)}
    assert beyond == {"flow": (0, 10_000), "alert": (0, 1)}
    assert desired(verbs) == {"alert": (0, 1)}
    verbs.run("select pgdispatch.pause('all')")
    assert desired(verbs) == {"alert": (0, 1)}


def test_a_gate_that_a_transaction_holds_keeps_its_jobs_from_counting(ring: Ring) -> None:
    """As long as it does."""
    verbs = ring.watch
    verbs.site("acme", 1)
    verbs.job("flow", site="acme")
    before = desired(verbs)
    holder = ring.session(begin=True)
    holder.verbs.run("select pgdispatch.lock_gates(array['site/acme'], true)")
    verbs.run("select pgdispatch.notice_gate('site/acme')")

    held = desired(verbs)
    holder.verbs.run("rollback")

    assert before == {"flow": (0, 1)}
    assert held == {}
    assert desired(verbs) == before
