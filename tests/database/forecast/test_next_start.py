"""What the simulation says that starts next is what the model says, and what SQL does."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from support.bad_input.effort import IS_LONG
from support.sessions.clock import Clock
from support.sessions.verbs import Verbs
from support.world.state_machine import OrderMachine
from support.world.world import NODES

EXAMPLES, STEPS = (1000, 80) if IS_LONG else (4, 40)


@pytest.mark.newest_only
@pytest.mark.timeout(3600)
def test_the_next_start_is_foretold(verbs: Verbs, clock: Clock) -> None:
    """Before each claim, whatever has been done to the queue, its gates, pauses and nodes."""
    for node, backgrounders in NODES.items():
        verbs.register(node, backgrounders)
    verbs.register("few", types=["flow"])
    verbs.run("update pgdispatch.node set heartbeat_at = 'infinity'")

    run_state_machine_as_test(
        lambda: OrderMachine(verbs, clock, limited=True, foretold=True),  # type: ignore[arg-type]  # makes one
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=not IS_LONG,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.explicit, Phase.reuse, Phase.generate],
        ),
    )
