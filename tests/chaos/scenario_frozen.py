"""SIGSTOP and SIGCONT, for longer than the lease: zombies that wake up and report."""

from __future__ import annotations

import signal

from chaos.scenario import Scenario
from chaos.stage import Stage
from support.nodes import Node
from support.processes import wait_until
from support.producing import producing

TAKEN = "select count(*) from public.trail where what = 'back' and attempt = 1 and job in (%s, %s)"
NODE = "select node from pgdispatch.job where id = %s and state = 'running'"


def act(stage: Stage) -> str:
    """Freeze a whole node, and the supervisor alone of another, with jobs in hand."""
    rounds, refused = stage.size(1, 10), 0
    frozen, headless, other = (stage.start(name, processes=2) for name in ("a", "b", "c"))
    for node in (frozen, headless, other):
        stage.cluster.up(f"{node.name}:2")
    with producing(stage.producer(), stage.size(200, 4000), pace=stage.size(40, 60)):
        for number in range(rounds):
            go = stage.cluster.folder / f"go-{number}"
            deaf = _job_on(stage, frozen, f'{{"until": "{go}", "deaf": true}}')
            meek = _job_on(stage, headless, f'{{"until": "{go}"}}')
            frozen.send_all(signal.SIGSTOP)
            headless.send(signal.SIGSTOP)
            wait_until(lambda jobs=(deaf, meek): stage.cluster.verbs.value(TAKEN, *jobs) == 2)  # type: ignore[misc]  # a bool
            go.touch()
            frozen.send_all(signal.SIGCONT)
            headless.send(signal.SIGCONT)
            for node, job in ((frozen, deaf), (headless, meek)):
                wait_until(lambda node=node, job=job: _is_refused(node, job))  # type: ignore[misc]  # likewise
                refused += 1
            stage.say(f"round {number + 1}: {refused} attempts of zombies refused")
    stage.drain(stage.size(60, 300))
    return f"{rounds} nodes and {rounds} supervisors frozen, {refused} zombies refused"


def _job_on(stage: Stage, node: Node, args: str) -> int:
    """Insert jobs until one of them runs on that node; the others are cancelled."""
    while True:
        job = stage.job(priority=1, max_attempts=3, args=args)
        where: list[str] = []
        while not where:
            where = stage.cluster.verbs.values(NODE, job)
        if where == [node.name]:
            return job
        stage.cluster.verbs.cancel(job)


def _is_refused(node: Node, job: int) -> bool:
    """Tell whether a node was told that an attempt of it counts no more."""
    told = (f"result dropped: job {job} is not running as attempt 1", f"job {job} was taken away")
    return any(text in node.log for text in told)


SCENARIO = Scenario(
    name="frozen",
    promise="nodes are frozen beyond the lease; what they report when they wake up is refused",
    act=act,
    was_only_away=False,
)
