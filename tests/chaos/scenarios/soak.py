"""Half an hour of steady work: the memory of each process and the connections stay as they are."""

from __future__ import annotations

import time
from collections.abc import Sequence
from statistics import median

from chaos.scenario import Scenario
from chaos.testbed import Stage
from pgdispatch.host.procfs import parts_of_memory
from support.invariants.violation import Violation
from support.nodes.node import Node
from support.sessions.producing import producing

SECONDS = 1800
WARM_UP = 0.2  # of the time; what is loaded late, and caches that fill, come first
ALLOWED = 1.10  # the last third against the one after the warm-up
CONNECTIONS = "select count(*) from pg_stat_activity where backend_type = 'client backend'"


def act(stage: Stage) -> str:
    """Look every so often while jobs come and go at a steady pace, and compare early with late."""
    seconds, pace = stage.size(60, SECONDS), 60
    nodes = [stage.start(name) for name in ("a", "b")]
    stage.cluster.up("a:3")
    stage.cluster.up("b:3")
    memory: list[int] = []
    connections: list[int] = []
    with producing(stage.producer(), seconds * pace, pace=pace):
        begun = time.monotonic()
        while (passed := time.monotonic() - begun) < seconds:
            memory.append(sum(_resident(node) for node in nodes))
            connections.append(int(stage.cluster.verbs.value(CONNECTIONS)))
            if len(memory) % 12 == 0:
                told = f"{memory[-1] >> 10} MB, {connections[-1]} connections"
                stage.say(f"{passed:.0f} s: {told}, {stage.left()} jobs left")
            time.sleep(stage.size(1, 5))
    stage.drain(60)
    early, late = _early_and_late(memory)
    if stage.is_long and late > early * ALLOWED:
        text = f"the nodes grew from {early >> 10} to {late >> 10} MB"
        stage.found.append(Violation("growth", text))
    if len(set(_early_and_late(connections))) > 1:
        text = "from {} to {} connections".format(*_early_and_late(connections))
        stage.found.append(Violation("growth", text))
    return f"{seconds} s, {early >> 10} to {late >> 10} MB, {connections[-1]} connections"


def _resident(node: Node) -> int:
    """Return what all processes of a node have in memory of their own, in kilobytes."""
    return sum(parts_of_memory(pid).get("Pss", 0) for pid in node.family()) >> 10


def _early_and_late(values: Sequence[int]) -> tuple[int, int]:
    """Return the medians of the first and the last third of what came after the warm-up."""
    warm = list(values[int(len(values) * WARM_UP) :])
    third = max(1, len(warm) // 3)
    return int(median(warm[:third])), int(median(warm[-third:]))


SCENARIO = Scenario(
    name="soak",
    promise="work goes on and on; nothing grows",
    act=act,
    was_only_away=True,
)
