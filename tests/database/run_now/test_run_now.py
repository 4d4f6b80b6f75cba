"""Run Now: before every other waiting job, first come first served; flows keep their priority."""

from __future__ import annotations

import psycopg
import pytest

from support.sessions.verbs import Verbs

IN_ODD_SETTINGS = True


def test_run_now_goes_before_everything_else(verbs: Verbs) -> None:
    """Even before priority 1, in the order of the asking."""
    urgent = verbs.job(priority=1)
    first, second = (verbs.run_now(verbs.task(type_)) for type_ in ("full_extract", "alert"))

    assert verbs.drain() == [first, second, urgent]
    assert verbs.past(first)["priority"] == 0


def test_run_now_of_a_flow_keeps_the_priority_of_its_task(verbs: Verbs) -> None:
    """Semantics 3.4."""
    flow = verbs.run_now(verbs.task("flow", priority=60))
    other = verbs.job(priority=59)

    assert verbs.drain() == [other, flow]
    assert verbs.past(flow)["run_now"]


@pytest.mark.parametrize("is_running", [True, False])
def test_run_now_of_a_task_with_a_job_is_refused_naming_it(verbs: Verbs, is_running: bool) -> None:
    """Waiting or running."""
    task = verbs.task()
    job = verbs.run_now(task)
    if is_running:
        verbs.claim()

    with pytest.raises(psycopg.Error, match=f"task {task} already has job {job}") as refused:
        verbs.run_now(task)

    assert refused.value.sqlstate == "JD005"


def test_run_now_is_possible_again_after_the_end(verbs: Verbs) -> None:
    """Whatever the outcome was."""
    task = verbs.task()
    first = verbs.run_now(task)
    verbs.cancel(first)

    assert verbs.run_now(task) > first


def test_site_may_forbid_run_now(verbs: Verbs) -> None:
    """SQLSTATE JD006."""
    verbs.site("acme", run_now_enabled=False)
    task = verbs.task(site="acme")

    with pytest.raises(psycopg.Error, match="site acme does not allow Run Now") as refused:
        verbs.run_now(task)

    assert refused.value.sqlstate == "JD006"


def test_run_now_of_an_unknown_task_is_refused(verbs: Verbs) -> None:
    """SQLSTATE JD002."""
    with pytest.raises(psycopg.Error, match="task 4711 does not exist") as refused:
        verbs.run_now(4711)

    assert refused.value.sqlstate == "JD002"


def test_run_now_does_not_pass_a_gate(verbs: Verbs) -> None:
    """It changes the order, never eligibility (semantics 5)."""
    verbs.job(datasource="sales")
    verbs.claim("n:1")
    verbs.run_now(verbs.task(datasource="sales"))
    other = verbs.job(priority=100)

    assert verbs.claim("n:2") == other


def test_run_now_records_who_asked(verbs: Verbs) -> None:
    """By name, beside the database user."""
    job = verbs.run_now(verbs.task())

    assert verbs.column(job, "created_by") == "tester"
    assert verbs.column(job, "inserted_by") == verbs.value("select session_user")
