"""`kill -9` of backgrounders and supervisors, at random moments."""

from __future__ import annotations

import os
import signal
from contextlib import suppress

from chaos.scenario import Scenario
from chaos.testbed import Stage, pause
from pgdispatch.host.procfs import command_line
from support.nodes.node import Node
from support.nodes.processes import wait_until
from support.sessions.producing import producing

NAMES = ("a", "b", "c")


def act(stage: Stage) -> str:
    """Kill until enough have died, one supervisor in eight; start anew what does not by itself."""
    kills, jobs = stage.size(25, 500), stage.size(300, 20_000)
    mean = stage.size(1, 5) * 0.1
    nodes = {name: stage.start(name) for name in NAMES[: stage.size(2, 3)]}
    died = {"backgrounder": 0, "supervisor": 0}
    with producing(stage.producer(), jobs, pace=jobs / (kills * mean * 1.2)):
        while sum(died.values()) < kills:
            pause(stage.random, mean)
            name = stage.random.choice(list(nodes))
            found = _backgrounders(nodes[name])
            if not found:
                continue  # it is starting
            if stage.random.random() < 1 / 8:
                nodes[name].process.kill()
                nodes[name].process.wait()
                died["supervisor"] += 1
                nodes[name] = stage.start(name)
            elif _kill(stage.random.choice(found)):
                died["backgrounder"] += 1
            done = sum(died.values())
            if done % 25 == 0:
                stage.say(f"{done} kills, {len(stage.ledger.committed)} jobs, {stage.left()} left")
    wait_until(lambda: all(node.process.poll() is None for node in nodes.values()))
    stage.drain(stage.size(60, 600))
    return f"{died['backgrounder']} backgrounders and {died['supervisor']} supervisors killed"


def _backgrounders(node: Node) -> list[int]:
    return [
        pid
        for pid in sorted(node.family())
        if "pgdispatch.backgrounder.process" in command_line(pid)
    ]


def _kill(pid: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
        return True
    return False


SCENARIO = Scenario(
    name="kills",
    promise="processes are killed at random moments; nothing is lost, nothing is done twice",
    act=act,
    was_only_away=False,
)
