"""A site runs no more jobs than it may; a changed limit counts at once."""

from __future__ import annotations

from support.sessions.clock import Clock
from support.sessions.verbs import Claimed, Verbs

IN_ODD_SETTINGS = True


def test_claim_keeps_to_the_limit_of_a_site(verbs: Verbs, clock: Clock) -> None:
    """The rest is in overflow; the promoted one is stamped and keeps its place."""
    verbs.site("acme", 2)
    jobs = [verbs.job(site="acme") for _ in range(3)]
    other = verbs.job()

    assert [verbs.claim(f"n:{n}") for n in range(1, 5)] == [*jobs[:2], other, None]
    assert verbs.column(jobs[2], "gate") == "site/acme"
    clock.advance(60)
    assert verbs.finish(jobs[0], claim=True) == Claimed("run", jobs[2], 1)
    assert verbs.column(jobs[2], "promoted_at") == clock.now


def test_raised_limit_lets_waiting_jobs_in(verbs: Verbs) -> None:
    """At once, with no help from anybody who ends."""
    verbs.site("acme", 0)
    jobs = [verbs.job(site="acme") for _ in range(3)]
    assert verbs.claim() is None

    verbs.limit("acme", 2)

    assert [verbs.claim(f"n:{n}") for n in range(1, 4)] == [*jobs[:2], None]


def test_lifted_limit_lets_all_waiting_jobs_in(verbs: Verbs) -> None:
    """No limit, no gate."""
    verbs.site("acme", 1)
    jobs = [verbs.job(site="acme") for _ in range(3)]
    assert [verbs.claim("n:1"), verbs.claim("n:2")] == [jobs[0], None]

    verbs.limit("acme", None)

    assert [verbs.claim("n:2"), verbs.claim("n:3"), verbs.claim("n:4")] == [*jobs[1:], None]


def test_lowered_limit_waits_for_jobs_that_started_before_it(verbs: Verbs) -> None:
    """Nobody is displaced, and whoever started without a gate still wakes those who wait."""
    verbs.site("acme")
    jobs = [verbs.job(site="acme") for _ in range(3)]
    assert [verbs.claim("n:1"), verbs.claim("n:2")] == jobs[:2]

    verbs.limit("acme", 1)

    assert verbs.claim("n:3") is None
    assert verbs.finish(jobs[0], claim=True) is None
    assert verbs.finish(jobs[1], claim=True) == Claimed("run", jobs[2], 1)
