"""A turn starts just what as many claims would, one after the other."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest

from support.sessions.clock import Clock
from support.sessions.verbs import Verbs

BACKGROUNDERS = 9


def furnish(verbs: Verbs, clock: Clock, random: Random) -> None:
    """Make sites, schedules, a node, and jobs with any gates, places and times."""
    verbs.register(backgrounders=20, types=random.choice([None, ["flow", "system"]]))
    for name in ("red", "blue"):
        verbs.site(name, random.choice([None, 1, 2, 3]), daily_seconds=random.choice([None, 3, 60]))
    for name in ("one", "two"):
        verbs.schedule(name, random.choice(["serial", "parallel"]))
    for number in range(random.randrange(10, 60)):
        plain = random.random() < 0.4
        verbs.job(
            random.choice(["flow", "system", "alert"]),
            site=random.choice(["default"] if plain else ["default", "red", "blue"]),
            datasource=None if plain else random.choice([None, "a", "b", "c"]),
            schedule=random.choice([None, "one", "two"]),
            priority=random.randrange(1, 6),
            not_before=clock.now + timedelta(seconds=random.randrange(1, 40))
            if random.random() < 0.2
            else None,
        )
        if random.random() < 0.05:
            verbs.tend()
        if random.random() < 0.1:
            verbs.claim(f"n:{10 + number % 10}") if number % 10 not in busy(verbs) else None
    clock.advance(random.randrange(0, 40))


def busy(verbs: Verbs) -> set[int]:
    """Return the last digits of the backgrounders that run something."""
    names = verbs.values("select backgrounder from pgdispatch.job where state = 'running'")
    return {int(name[-1]) for name in names}


def by_claims(verbs: Verbs) -> list[int]:
    """Return what claims start for all who are free, in turn."""
    found = (verbs.claim(f"n:{number}") for number in range(1, BACKGROUNDERS + 1))
    return [job for job in found if job is not None]


def by_turns(verbs: Verbs) -> list[int]:
    """Return what turns start for all who are free, until there is nothing more to do."""
    free = list(range(1, BACKGROUNDERS + 1))
    jobs: list[int] = []
    while free:
        rows = verbs.turn(free)
        started = {row["backgrounder"]: row["id"] for row in rows if row["verdict"] == "run"}
        jobs += [started.pop(f"n:{free.pop(0)}") for _ in list(started)]
        if not any(row["verdict"] in ("again", "contended") for row in rows):
            return jobs
    return jobs


@pytest.mark.parametrize("seed", range(40))
def test_turn_starts_what_claims_would_start(verbs: Verbs, clock: Clock, seed: int) -> None:
    """The same jobs in the same order, and what is left waits at the same gates."""
    furnish(verbs, clock, Random(seed))  # noqa: S311  # no secret
    waiting = "select id, state, gate from pgdispatch.job where state <> 'ready' order by id"
    verbs.run("begin")
    expected, left = by_claims(verbs), verbs.rows(waiting)
    verbs.run("rollback")

    started = by_turns(verbs)

    assert started == expected
    assert verbs.rows(waiting) == left
    assert verbs.sweep() == 0
