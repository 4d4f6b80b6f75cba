"""Defaults of all sites that change beside new sites and lost nodes."""

from __future__ import annotations

import pytest

from support.sessions.ring import Ring
from support.sessions.timetable import set_to
from support.sessions.verbs import Verbs

LOCK = "select pg_advisory_lock(pgdispatch.lock_class('gate'), hashtext('site/' || %s))"
UNLOCK = "select pg_advisory_unlock(pgdispatch.lock_class('gate'), hashtext('site/' || %s))"
LIMIT_ALL = "update pgdispatch.site set max_running_jobs = 6 where name <> 'default'"
LIMITS = "select running_limit, seconds_limit from pgdispatch.site where name = 'new'"


@pytest.fixture
def verbs(ring: Ring) -> Verbs:
    """Act outside the race."""
    return ring.watch


@pytest.mark.parametrize(
    ("setting", "expected"),
    [("site_max_running_jobs", (7, None)), ("site_daily_seconds", (None, 7))],
)
@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_site_that_is_added_beside_a_change_of_the_defaults_has_the_new_one(
    ring: Ring, verbs: Verbs, setting: str, expected: tuple[int | None, int | None], end: str
) -> None:
    """It waits for the change: who makes it does not see the site."""
    person, other = ring.session(begin=True), ring.session()
    set_to(person.verbs, setting, 7)
    adding = ring.start_waiting(other, lambda v: v.site("new"))

    getattr(person, end)()
    adding.result()

    assert tuple(verbs.row(LIMITS).values()) == (expected if end == "commit" else (None, None))


@pytest.mark.parametrize("change", ["default", "sites"])
def test_changed_limits_and_a_loss_at_several_sites_do_not_block_each_other(
    ring: Ring, verbs: Verbs, change: str
) -> None:
    """The change of a default, or of two sites in one statement in any order, takes no gate."""
    low, high = verbs.values(
        "select 'site ' || n from generate_series(1, 2) as n order by hashtext('site/site ' || n)"
    )
    for site in (high, low):
        verbs.site(site, 5 if change == "sites" else None)
        verbs.job(site=site)
    if change == "default":
        set_to(verbs, "site_max_running_jobs", 5)
    for number in (1, 2):
        verbs.claim(f"n:{number}")
    holder, losing, changing = (ring.session() for _ in range(3))
    holder.verbs.run(LOCK, low)
    loss = ring.start_waiting(losing, lambda v: v.value("select pgdispatch.declare_lost('n')"))
    if change == "default":
        changed = changing.start(lambda v: set_to(v, "site_max_running_jobs", 6))
    else:
        changed = changing.start(lambda v: v.run(LIMIT_ALL))
    ring.wait_for(lambda: changed.done() or ring.is_waiting(changing))

    holder.verbs.run(UNLOCK, low)

    assert loss.result() == 2
    changed.result()
    assert ring.deadlocks() == 0
