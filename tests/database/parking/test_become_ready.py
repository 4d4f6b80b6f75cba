"""A job that becomes ready, whoever makes it so, is found by dispatch and has left its gate."""

from __future__ import annotations

import pytest

from support.sessions.clock import Clock
from support.sessions.generations import step_to
from support.sessions.verbs import Verbs

WAYS = {
    "by hand": "update pgdispatch.job set state = 'ready' where id = {}",
    "by its priority": "select pgdispatch.set_priority({}, 1)",
}


@pytest.mark.parametrize("way", WAYS)
def test_parked_job_that_is_made_ready_is_found_in_the_open_generation(
    verbs: Verbs, way: str
) -> None:
    """In a closed one nobody would look for it before the floor."""
    first, second = (verbs.job(datasource="sales") for _ in range(2))
    assert [verbs.claim("n:1"), verbs.claim("n:2")] == [first, None]
    opened = step_to(verbs, "closing", older=True)["open"]

    verbs.run(WAYS[way].format(second))

    assert verbs.column(second, "generation") == opened == 2
    assert verbs.column(second, "gate") is None
    assert verbs.finish(first, claim=True) is not None


@pytest.mark.parametrize("way", WAYS)
def test_job_that_is_made_ready_from_the_overflow_is_promoted(
    verbs: Verbs, clock: Clock, way: str
) -> None:
    """As by the end of another."""
    verbs.site("acme", 0)
    job = verbs.job(site="acme")
    assert verbs.claim("n:1") is None
    assert verbs.column(job, "promoted_at") is None

    verbs.run(WAYS[way].format(job))

    assert verbs.column(job, "promoted_at") == clock.now
