"""The simulated week, cut short: each job is explained by the rules, and why it was late."""

from __future__ import annotations

import pytest

from simulation.program import simulate


def test_each_job_of_some_busy_hours_is_explained_by_the_rules(
    database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """None missing, none twice, none out of order, whatever people and nodes do meanwhile.

    And why_late says afterwards what the queue had said, each time that somebody looked.
    """
    status = simulate(database, days=0.1, tasks=250, seed=7, pace=8, look_every=200, quiet=True)

    assert (status, capsys.readouterr().err) == (0, "")
