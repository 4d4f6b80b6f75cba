"""Some scenarios of `python tests/chaos`, cut short, on the newest of the chosen servers."""

from __future__ import annotations

import pytest

from chaos.program import SCENARIOS
from chaos.scenario import play
from pgdispatch.embedded import Binaries

pytestmark = pytest.mark.usefixtures("newest_only")


SHORT = ("kills", "frozen", "restarts", "read-only", "disk")  # the others take longer


@pytest.mark.parametrize("name", SHORT)
def test_nothing_is_lost_and_nothing_is_twice(name: str, binaries: Binaries) -> None:
    """Whatever happens to processes and server."""
    if not SCENARIOS[name].is_possible():
        pytest.skip(f"this machine does not allow {name}")

    outcome = play(SCENARIOS[name], binaries, seed=1, say=print)

    assert outcome.violations == []
    assert outcome.jobs > 100
