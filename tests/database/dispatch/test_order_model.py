"""SQL does exactly what semantics.md says, whatever happens in whatever order."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from support.bad_input.effort import IS_LONG
from support.sessions.clock import Clock
from support.sessions.due import narrow
from support.sessions.verbs import Verbs
from support.world.state_machine import OrderMachine
from support.world.world import NODES

NEWEST_ONLY = () if IS_LONG else pytest.mark.newest_only
EXAMPLES, STEPS = (3000, 80) if IS_LONG else (15, 50)


@pytest.mark.timeout(3600)
@pytest.mark.parametrize(
    ("limited", "narrowed"),
    [
        pytest.param(False, False, marks=NEWEST_ONLY),
        (True, False),
        pytest.param(False, True, marks=NEWEST_ONLY),
    ],
    ids=["all types", "some types", "bounded to two at a time"],
)
def test_sql_does_what_the_model_does(
    verbs: Verbs, clock: Clock, limited: bool, narrowed: bool
) -> None:
    """The model is the specification; hypothesis looks for a story in which SQL differs."""
    if narrowed:
        narrow(verbs)
    shrink = [Phase.shrink] if IS_LONG else []
    for node, backgrounders in NODES.items():
        verbs.register(node, backgrounders)
    if limited:
        verbs.register("few", types=["flow"])
    verbs.run("update pgdispatch.node set heartbeat_at = 'infinity'")

    run_state_machine_as_test(
        lambda: OrderMachine(verbs, clock, limited=limited),  # type: ignore[arg-type]  # makes one
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=not IS_LONG,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.explicit, Phase.reuse, Phase.generate, *shrink],
        ),
    )
