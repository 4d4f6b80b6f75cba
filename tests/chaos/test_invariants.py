"""The checker finds each thing that must not be, once it is there, and nothing in a clean run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from chaos.breaches import BREACHES, Run, declared_lost, not_taken
from support.invariants import trail
from support.servers.embedded import Connect
from support.sessions.verbs import Verbs

pytestmark = pytest.mark.usefixtures("newest_only")


@pytest.fixture
def run(database: str, connect: Connect, tmp_path: Path) -> Run:
    """Give a run on a database with a trail and a node that takes all jobs."""
    connection = connect(database)
    trail.lay(connection)
    verbs = Verbs(connection)
    verbs.register()
    return Run(verbs, tmp_path / "evidence")


@pytest.mark.parametrize("breach", BREACHES, ids=lambda breach: breach.__name__)
def test_the_checker_finds_what_must_not_be(run: Run, breach: Callable[[Run], str]) -> None:
    """Whatever is wrong is told in a sentence that names the job."""
    expected = breach(run)

    found = run.found(was_only_away=breach in (not_taken, declared_lost))

    assert any(expected in sentence for sentence in found), found


def test_the_checker_finds_nothing_in_a_run_that_was_right(run: Run) -> None:
    """With gates, losses, fenced-off attempts that end or begin late, and jobs that wait."""
    run.verbs.site("north", limit=1)
    lost, second = run.job(site="north", datasource="a"), run.job(site="north", datasource="a")
    run.verbs.claim("n:1")
    run.note("start", lost)
    run.verbs.requeue(lost, is_loss=True)
    assert run.verbs.claim("n:2") == lost
    run.note("start", lost, 2)
    run.note("end", lost, 1)
    run.note("end", lost, 2)
    run.verbs.finish(lost)
    run.act(second, run.job(), run.job(datasource="a"))
    killed, beside = run.job(datasource="b", max_attempts=2), run.job(datasource="b")
    run.verbs.claim()
    run.note("start", killed)
    run.verbs.fail(killed, failed_as="killed")
    run.act(beside)
    frozen = run.job(datasource="c")
    run.verbs.claim("n:1")
    run.verbs.requeue(frozen, is_loss=True)
    better = run.job(datasource="c", priority=1)
    run.verbs.claim("n:2")
    run.note("start", better)
    run.note("start", frozen)
    run.note("end", frozen)
    run.note("end", better)
    run.verbs.finish(better)
    run.verbs.claim("n:2")
    run.note("start", frozen, 2)
    run.note("end", frozen, 2)
    run.verbs.finish(frozen)
    run.verbs.claim("n:3", ["flow"])
    run.ledger.doubt([4711])
    run.job(not_before="2100-01-01")

    assert run.found() == []
