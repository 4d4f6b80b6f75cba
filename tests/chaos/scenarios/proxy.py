"""A network between the nodes and the server that cuts, delays, and half-opens connections."""

from __future__ import annotations

import time

from chaos.scenario import Scenario
from chaos.testbed import Stage, pause
from support.servers.tcp_proxy import Proxy, open_proxy
from support.sessions.producing import producing

LEASE = 15  # the usual one: longer than all of these troubles


def act(stage: Stage) -> str:
    """Trouble both nodes and the producer at random, and leave nothing but dead links once."""
    troubles = stage.size(6, 60)
    counts = dict.fromkeys(("cut", "delay", "shut", "dead"), 0)
    with open_proxy(stage.cluster.dsn) as proxy:
        stage.cluster.set(lease_seconds=LEASE)
        for name in ("a", "b"):
            stage.start(name, dsn=proxy.dsn(stage.cluster.dsn))
        stage.cluster.up("a:3")
        stage.cluster.up("b:3")
        producer = stage.producer()
        with producing(producer, stage.size(150, 4000), pace=stage.size(30, 40)):
            for number in range(troubles):
                pause(stage.random, 0.4)
                kind = list(counts)[number % len(counts)]
                _trouble(stage, proxy, kind)
                counts[kind] += 1
                stage.say(f"{kind}: {stage.left()} jobs left")
        stage.drain(stage.size(90, 400))
        proxy.cut(with_dead=True)  # or the nodes would take their time to end
        told = ", ".join(f"{number} times {kind}" for kind, number in counts.items())
        return f"{told}, {len(proxy.links)} links at the end"


def _trouble(stage: Stage, proxy: Proxy, kind: str) -> None:
    if kind == "cut":
        proxy.cut()
    elif kind == "dead":
        proxy.play_dead()
    elif kind == "shut":
        proxy.shut()
        time.sleep(stage.random.uniform(0.5, stage.size(1, 8)))
        proxy.open()
    else:
        proxy.delay = stage.random.uniform(0.05, 0.3)
        time.sleep(stage.random.uniform(0.5, stage.size(1, 8)))
        proxy.delay = 0.0


SCENARIO = Scenario(
    name="proxy",
    promise="connections are cut, slow, or dead without knowing; nothing is lost",
    act=act,
    was_only_away=True,
)
