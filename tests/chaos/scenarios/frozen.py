"""SIGSTOP and SIGCONT, for longer than the lease: zombies that wake up and report."""

from __future__ import annotations

import signal

from chaos.scenario import Scenario
from chaos.scenarios.zombies import job_on, wait_until_lost, wait_until_refused
from chaos.testbed import Stage
from support.sessions.producing import producing


def act(stage: Stage) -> str:
    """Freeze a whole node, and the supervisor alone of another, with jobs in hand."""
    rounds, refused = stage.size(1, 10), 0
    frozen, headless, other = (stage.start(name, processes=2) for name in ("a", "b", "c"))
    for node in (frozen, headless, other):
        stage.cluster.up(f"{node.name}:2")
    with producing(stage.producer(), stage.size(200, 4000), pace=stage.size(40, 60)):
        for number in range(rounds):
            go = stage.cluster.folder / f"go-{number}"
            deaf = job_on(stage, frozen, go, is_deaf=True)
            meek = job_on(stage, headless, go)
            frozen.send_all(signal.SIGSTOP)
            headless.send(signal.SIGSTOP)
            wait_until_lost(stage, deaf, meek)
            go.touch()
            frozen.send_all(signal.SIGCONT)
            headless.send(signal.SIGCONT)
            for node, job in ((frozen, deaf), (headless, meek)):
                wait_until_refused(node, job)
                refused += 1
            stage.say(f"round {number + 1}: {refused} attempts of zombies refused")
    stage.drain(stage.size(60, 300))
    return f"{rounds} nodes and {rounds} supervisors frozen, {refused} zombies refused"


SCENARIO = Scenario(
    name="frozen",
    promise="nodes are frozen beyond the lease; what they report when they wake up is refused",
    act=act,
    was_only_away=False,
)
