"""How long a job may run: as it says, else its task, else its site, else its type."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import psycopg
import pytest

from support.sessions.clock import Clock
from support.sessions.verbs import Verbs

TYPES = [
    ("flow", 14400), ("alert", 7200), ("system", None), ("subscription", 7200),
    ("extract_creation", 7200), ("incremental_extract", 7200), ("full_extract", 7200),
]  # fmt: skip
Nearest = tuple[int | None, int | None, bool, int | None, int | None]
NEAREST: list[Nearest] = [  # job, task, has the site one, site, expected
    (None, None, False, None, 7200),
    (None, None, True, 30, 30),
    (None, None, True, None, None),
    (None, 20, True, 30, 20),
    (None, 20, True, None, 20),
    (None, 20, False, None, 20),
    (10, 20, True, 30, 10),
    (10, None, True, None, 10),
]


def span(seconds: int | None) -> timedelta | None:
    """Return so many seconds, or none."""
    return None if seconds is None else timedelta(seconds=seconds)


@pytest.mark.parametrize(("type_", "seconds"), TYPES)
def test_types_have_their_usual_timeouts(verbs: Verbs, type_: str, seconds: int | None) -> None:
    """Semantics 2."""
    assert verbs.column(verbs.job(type_), "timeout") == span(seconds)


@pytest.mark.parametrize("case", NEAREST)
def test_nearest_timeout_counts(verbs: Verbs, case: Nearest) -> None:
    """A site that says null for a type means no limit."""
    job, task, has_site, site, expected = case
    verbs.site("acme")
    if has_site:
        verbs.add("site_timeout", "site", site="acme", type="full_extract", timeout=span(site))
    made = verbs.job(
        "full_extract",
        site="acme",
        task=verbs.task(site="acme", timeout=span(task)),
        timeout=span(job),
    )

    assert verbs.column(made, "timeout") == span(expected)


def test_timeout_of_a_site_is_for_one_type_and_one_site(verbs: Verbs) -> None:
    """Others are as their type says."""
    verbs.site("acme")
    verbs.add("site_timeout", "site", site="acme", type="alert", timeout=span(5))

    assert verbs.column(verbs.job("alert", site="acme"), "timeout") == span(5)
    assert verbs.column(verbs.job("alert"), "timeout") == span(7200)
    assert verbs.column(verbs.job("subscription", site="acme"), "timeout") == span(7200)


def test_scheduled_job_has_the_timeout_of_its_task(verbs: Verbs, clock: Clock) -> None:
    """And of a flow's step that of its flow."""
    verbs.schedule("hourly")
    verbs.task(schedule="hourly", timeout=span(44))
    verbs.fire("hourly", clock.now)

    assert verbs.values("select timeout from pgdispatch.job") == [span(44)]


def test_later_change_leaves_jobs_alone(verbs: Verbs) -> None:
    """A job keeps what it was created with."""
    job = verbs.job("alert")
    verbs.add("site_timeout", "site", site="default", type="alert", timeout=span(5))
    verbs.run("update pgdispatch.job_type set timeout = '1 s'")

    assert verbs.column(job, "timeout") == span(7200)


@pytest.mark.parametrize("seconds", [0, -5])
@pytest.mark.parametrize(
    ("table", "columns"),
    [
        ("job", {"type": "system"}),
        ("task", {"type": "flow", "title": "a task"}),
        ("job_type", {"name": "more"}),
        ("site_timeout", {"site": "default", "type": "flow"}),
    ],
)
def test_wrong_timeout_is_refused(
    verbs: Verbs, table: str, columns: dict[str, Any], seconds: int
) -> None:
    """By a hint or a constraint."""
    with pytest.raises(psycopg.Error):
        verbs.add(table, "timeout", timeout=span(seconds), **columns)


def test_timeouts_go_with_their_site(verbs: Verbs) -> None:
    """Renamed, deleted."""
    verbs.site("acme")
    verbs.add("site_timeout", "site", site="acme", type="flow", timeout=None)
    verbs.run("update pgdispatch.site set name = 'apex' where name = 'acme'")
    assert verbs.values("select site from pgdispatch.site_timeout") == ["apex"]

    verbs.run("delete from pgdispatch.site where name = 'apex'")

    assert verbs.values("select site from pgdispatch.site_timeout") == []
