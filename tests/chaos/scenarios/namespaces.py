"""Two nodes in network namespaces; one is cut off beyond the lease, and comes back. Needs root."""

from __future__ import annotations

from contextlib import ExitStack

from chaos.scenario import Scenario
from chaos.scenarios.zombies import has_done, job_on, wait_until_lost, wait_until_refused
from chaos.testbed import Stage
from support.nodes.namespaces import may_make_namespaces, open_namespace
from support.nodes.processes import wait_until
from support.servers.tcp_proxy import open_proxy
from support.sessions.producing import producing


def act(stage: Stage) -> str:
    """Let a job come to its end while its node is cut off, and the other node do it again."""
    rounds = stage.size(1, 5)
    with ExitStack() as stack:
        spaces = [stack.enter_context(open_namespace(number)) for number in range(2)]
        nodes = []
        for name, space in zip(("a", "b"), spaces, strict=True):
            proxy = stack.enter_context(open_proxy(stage.cluster.dsn, host=space.gateway))
            dsn = proxy.dsn(stage.cluster.dsn)
            nodes.append(stage.start(name, dsn=dsn, inside=space.command, processes=2))
            stage.cluster.up(f"{name}:2")
        with producing(stage.producer(), stage.size(150, 3000), pace=stage.size(30, 30)):
            for number in range(rounds):
                go = stage.cluster.folder / f"go-{number}"
                node, space = nodes[number % 2], spaces[number % 2]
                job = job_on(stage, node, go)
                space.cut()
                wait_until_lost(stage, job)
                go.touch()
                wait_until(lambda job=job: has_done(stage, "end", job))  # type: ignore[misc]  # a bool
                space.heal()
                wait_until_refused(node, job)
                stage.say(f"round {number + 1}: the late result of job {job} was refused")
        stage.drain(stage.size(60, 300))
        for node in nodes:
            node.stop()
    return f"{rounds} nodes cut off beyond the lease, {rounds} late results refused"


SCENARIO = Scenario(
    name="namespaces",
    promise="a node is cut off beyond the lease and comes back; its late result changes nothing",
    act=act,
    was_only_away=False,
    is_possible=may_make_namespaces,
)
