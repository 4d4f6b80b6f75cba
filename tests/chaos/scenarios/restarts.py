"""PostgreSQL stops at once, as by `pg_ctl stop -m immediate`, and starts again, under load."""

from __future__ import annotations

from chaos.scenario import Scenario
from chaos.testbed import Stage, pause
from support.sessions.producing import producing


def act(stage: Stage) -> str:
    """Crash and restart; jobs that run meanwhile go on and are reported when it is back."""
    restarts, jobs = stage.size(2, 10), stage.size(200, 6000)
    for name in ("a", "b"):
        stage.start(name)
    stage.cluster.up("a:3")
    stage.cluster.up("b:3")
    producer = stage.producer(longest=0.1)
    with producing(producer, jobs, pace=stage.size(60, 40)):
        for number in range(restarts):
            pause(stage.random, stage.size(1, 3))
            stage.server.crash()
            pause(stage.random, stage.size(1, 3))
            stage.server.restart()
            stage.cluster.connect()
            stage.say(f"restart {number + 1}: {stage.left()} jobs left")
    stage.drain(stage.size(60, 300))
    return f"{restarts} immediate stops, {len(producer.failures)} commits failed"


SCENARIO = Scenario(
    name="restarts",
    promise="the server stops at once and comes back; nothing is declared lost",
    act=act,
    was_only_away=True,
)
