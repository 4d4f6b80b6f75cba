"""Limits for all sites that say none of their own."""

from __future__ import annotations

import psycopg
import pytest

from support.sessions.budgets import spend
from support.sessions.clock import Clock
from support.sessions.timetable import set_to
from support.sessions.verbs import Verbs

EFFECTIVE = "select running_limit, seconds_limit from pgdispatch.site where name = %s"


def effective(verbs: Verbs, site: str) -> tuple[int | None, int | None]:
    """Return what the limits of a site come to."""
    row = verbs.row(EFFECTIVE, site)
    return row["running_limit"], row["seconds_limit"]


@pytest.mark.parametrize(
    ("own", "expected"), [(None, (3, 600)), (-1, (None, None)), (0, (0, 0)), (7, (7, 7))]
)
def test_own_limit_goes_before_the_default(
    verbs: Verbs, own: int | None, expected: tuple[int | None, int | None]
) -> None:
    """-1 is no limit, whatever the default is; whether the site was there first or not."""
    verbs.site("old", own, daily_seconds=own)
    set_to(verbs, "site_max_running_jobs", 3)
    set_to(verbs, "site_daily_seconds", 600)
    verbs.site("new", own, daily_seconds=own)

    assert effective(verbs, "old") == effective(verbs, "new") == expected


def test_sites_have_no_limit_unless_told(verbs: Verbs) -> None:
    """The defaults of a fresh installation."""
    verbs.site("acme")

    assert effective(verbs, "acme") == effective(verbs, "default") == (None, None)


def test_default_limit_counts_for_waiting_jobs_at_once(verbs: Verbs) -> None:
    """Set, widened and lifted; nothing is left behind."""
    for site in ("red", "blue"):
        verbs.site(site)
        for _ in range(4):
            verbs.job(site=site)
    set_to(verbs, "site_max_running_jobs", 1)
    assert [verbs.claim(f"n:{n}") for n in range(1, 4)].count(None) == 1
    set_to(verbs, "site_max_running_jobs", 2)
    assert [verbs.claim(f"n:{n}") for n in range(3, 6)].count(None) == 1

    set_to(verbs, "site_max_running_jobs", -1)

    assert [verbs.claim(f"n:{n}") for n in range(5, 10)].count(None) == 1
    assert verbs.sweep() == 0


def test_default_budget_counts_what_each_site_has_run(verbs: Verbs, clock: Clock) -> None:
    """Each for itself, from the refill on."""
    verbs.site("red")
    verbs.site("blue")
    spend(verbs, clock, "red", 100)
    set_to(verbs, "site_daily_seconds", 60)
    deferred, free = verbs.job(site="red"), verbs.job(site="blue")
    assert [verbs.claim("n:1"), verbs.claim("n:2")] == [free, None]

    set_to(verbs, "site_daily_seconds", 101)

    assert verbs.claim("n:2") == deferred


def test_site_that_takes_its_own_limit_back_has_the_default(verbs: Verbs) -> None:
    """As it is then."""
    set_to(verbs, "site_max_running_jobs", 3)
    verbs.site("acme", 1)

    verbs.limit("acme", None)

    assert effective(verbs, "acme") == (3, None)


@pytest.mark.parametrize("setting", ["site_max_running_jobs", "site_daily_seconds"])
@pytest.mark.parametrize("value", ["-2", "1.5", "many", "", "10000000000"])
def test_wrong_default_is_refused(verbs: Verbs, setting: str, value: str) -> None:
    """SQLSTATE JD001."""
    with pytest.raises(psycopg.Error) as refused:
        set_to(verbs, setting, value)

    assert refused.value.sqlstate == "JD001"
