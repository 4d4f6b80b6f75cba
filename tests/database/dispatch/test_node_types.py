"""Nodes take all job types, only some, or all but some; and as many jobs as they have processes."""

from __future__ import annotations

from typing import Any

import pytest

from pgdispatch.bench.job_types import JOB_TYPES
from support.sessions.timetable import change
from support.sessions.verbs import Verbs


def node(verbs: Verbs, name: str = "n", **columns: Any) -> None:
    """Change a node, as an administrator would from any machine."""
    columns = columns or {"only_types": None}
    change(verbs, "node", "name", name, **columns)


def taken(verbs: Verbs, name: str = "n") -> set[str] | None:
    """Return the types that a node takes; None: all."""
    types = verbs.value("select types from pgdispatch.node where name = %s", name)
    return None if types is None else set(types)


@pytest.mark.parametrize(
    ("served", "columns", "expected"),
    [
        (None, {}, None),
        (None, {"only_types": ["flow"]}, {"flow"}),
        (None, {"except_types": ["flow", "alert"]}, {"notice", *JOB_TYPES} - {"flow", "alert"}),
        (["flow", "alert"], {}, {"flow", "alert"}),
        (["flow", "alert"], {"only_types": ["flow", "system"]}, {"flow"}),
        (["flow", "alert"], {"except_types": ["flow"]}, {"alert"}),
        (["flow"], {"only_types": ["alert"]}, set()),
        (None, {"only_types": []}, set()),
    ],
)
def test_node_takes_what_it_serves_and_its_administrator_allows(
    verbs: Verbs, served: list[str] | None, columns: dict[str, Any], expected: set[str] | None
) -> None:
    """Whichever was said first."""
    verbs.register(types=served)
    node(verbs, **columns)
    assert taken(verbs) == expected

    verbs.register("m")
    node(verbs, "m", **columns)
    verbs.run("select pgdispatch.deregister_node('m', incarnation) from pgdispatch.node "
              "where name = 'm'")  # fmt: skip
    verbs.register("m", types=served)
    assert taken(verbs, "m") == expected


def test_node_is_given_only_types_that_it_takes(verbs: Verbs) -> None:
    """However urgent the others; they hold nobody back."""
    verbs.register()
    urgent, flow = verbs.job("full_extract", priority=1), verbs.job("flow")
    node(verbs, only_types=["flow"])

    assert [verbs.claim("n:1"), verbs.claim("n:2")] == [flow, None]
    assert verbs.claim("other:1") == urgent


def test_backgrounder_that_asks_for_types_gets_those_of_them_that_its_node_takes(
    verbs: Verbs,
) -> None:
    """Both count."""
    verbs.register()
    node(verbs, except_types=["alert"])
    verbs.job("alert")
    flow = verbs.job("flow")

    assert verbs.claim("n:1", types=["alert"]) is None
    assert verbs.claim("n:1", types=["alert", "flow"]) == flow


def test_change_of_types_counts_for_the_next_job(verbs: Verbs) -> None:
    """With the finish of the one that runs, which goes on."""
    verbs.register()
    running, extract = verbs.job("flow"), verbs.job("full_extract")
    verbs.claim("n:1")
    node(verbs, only_types=["flow"])
    assert verbs.finish(running, claim=True) is None

    node(verbs, only_types=None)

    assert verbs.claim("n:1") == extract


def test_node_that_takes_all_but_some_takes_a_type_that_is_added_later(verbs: Verbs) -> None:
    """It is none of those."""
    verbs.register()
    node(verbs, except_types=["full_extract"])
    verbs.add("job_type", "name", name="report")
    job = verbs.job("report")

    assert verbs.claim("n:1") == job


def test_drained_node_is_given_nothing_and_keeps_what_it_runs(verbs: Verbs) -> None:
    """Until it is resumed."""
    verbs.register()
    running, other = verbs.job(), verbs.job()
    verbs.claim("n:1")
    node(verbs, is_drained=True)
    assert verbs.claim("n:2") is None
    assert verbs.finish(running, claim=True) is None

    node(verbs, is_drained=False)

    assert verbs.claim("n:1") == other


def test_drained_node_stays_drained_when_it_starts_anew(verbs: Verbs) -> None:
    """Its administrator said so."""
    incarnation = verbs.register()
    node(verbs, is_drained=True)
    verbs.run("select pgdispatch.deregister_node('n', %s)", incarnation)
    verbs.register()
    verbs.job()

    assert verbs.claim("n:1") is None


def test_waiting_job_of_a_type_that_nobody_takes_says_so(verbs: Verbs) -> None:
    """And a job that only drained nodes take is paused (semantics 5)."""
    verbs.register()
    verbs.job("flow")
    verbs.job("full_extract")
    node(verbs, only_types=["full_extract"])
    first = verbs.values("select reason from pgdispatch.queue")
    node(verbs, is_drained=True)
    second = verbs.values("select reason from pgdispatch.queue")

    assert first[0].startswith("no node takes flow")
    assert first[1] == "next in line behind 0"
    assert second[1] == "paused (n drained)"


@pytest.mark.parametrize("types", [["flow"], ["full_extract"]])
def test_parked_jobs_of_all_types_are_woken_when_a_node_is_limited(
    verbs: Verbs, types: list[str]
) -> None:
    """The best job of a gate may be of a type that the only free node does not take."""
    for name in ("n", "m"):
        verbs.register(name)
    first = verbs.job(datasource="sales", priority=1)
    started = verbs.claim("m:1")
    jobs = {type_: verbs.job(type_, datasource="sales") for type_ in ("flow", "full_extract")}
    assert [started, verbs.claim("m:2")] == [first, None]
    node(verbs, "n", only_types=types)
    node(verbs, "m", is_drained=True)

    verbs.finish(first)

    assert verbs.claim("n:1") == jobs[types[0]]
    assert verbs.sweep() == 0


@pytest.mark.parametrize("types", [["flow"], ["full_extract"]])
def test_resumed_node_of_few_types_finds_its_jobs_at_every_gate(
    verbs: Verbs, types: list[str]
) -> None:
    """They were parked, and the one that was woken is not for it."""
    verbs.register("m")
    verbs.register("n", types=types)
    node(verbs, "n", is_drained=True)
    first = verbs.job(datasource="sales", priority=1)
    started = verbs.claim("m:1")
    jobs = {type_: verbs.job(type_, datasource="sales") for type_ in ("flow", "full_extract")}
    assert [started, verbs.claim("m:2")] == [first, None]
    verbs.finish(first)

    node(verbs, "n", is_drained=False)

    assert verbs.claim("n:1") == jobs[types[0]]
    assert verbs.sweep() == 0


def test_the_package_knows_the_types_of_a_fresh_installation_by_rank(verbs: Verbs) -> None:
    """The bench and applications for tests have handlers for each; a node has one of notices."""
    types = "select name from pgdispatch.job_type where name <> 'notice' order by rank"
    assert verbs.values(types) == list(JOB_TYPES)
