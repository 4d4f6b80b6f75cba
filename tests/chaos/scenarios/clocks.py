"""Nodes whose clocks are an hour wrong, in either direction: only the database's clock counts."""

from __future__ import annotations

import time
from pathlib import Path

import libfaketime

from chaos.scenario import Scenario
from chaos.testbed import Stage
from support.nodes.node import Node
from support.nodes.processes import wait_until
from support.sessions.producing import producing

LIBRARY = Path(libfaketime.__file__).parent / "vendor/libfaketime/src/libfaketime.so.1"
HOUR = 3600.0
SHIFTS = {"ahead": HOUR, "behind": -HOUR, "right": 0.0}
WRONG = """
select id
from pgdispatch.job_history
where not (created_at <= started_at and started_at <= ended_at and ended_at <= now())
    or started_at < not_before
    or created_at < now() - interval '30 minutes'
union all
select job
from public.trail
where abs(extract(epoch from now() - at)) > 1800
"""
TOLD = """
select (result ->> 'clock')::double precision - extract(epoch from ended_at)::double precision
from pgdispatch.job_history
where node = %s and outcome = 'succeeded'
limit 1
"""


def act(stage: Stage) -> str:
    """Let three nodes share the work; one is killed, and those that are wrong take over."""
    nodes = {name: _start(stage, name, shift) for name, shift in SHIFTS.items()}
    for name in nodes:
        stage.cluster.up(f"{name}:2")
    with producing(stage.producer(), stage.size(150, 4000), pace=stage.size(40, 60)):
        for name, shift in SHIFTS.items():
            wait_until(lambda name=name: bool(stage.cluster.verbs.values(TOLD, name)))  # type: ignore[misc]  # a bool
            seen = stage.cluster.verbs.value(TOLD, name)
            stage.say(f"the clock of node {name} is {seen:+.0f} s off")
            if abs(seen - shift) > 60:
                stage.miss(f"the clock of node {name} is {seen:+.0f} s off, not {shift:+.0f}")
        for name in stage.size(1, 4) * ["ahead", "behind"]:
            nodes[name].process.kill()
            nodes[name].process.wait()
            nodes[name] = _start(stage, name, SHIFTS[name])
            time.sleep(stage.random.uniform(0, stage.size(1, 10)))
    stage.drain(stage.size(60, 300))
    for id_ in stage.cluster.verbs.values(WRONG):
        stage.miss(f"job {id_} has times that cannot be")
    killed = 2 * stage.size(1, 4)
    return f"one node an hour ahead, one an hour behind; {killed} supervisors of theirs killed"


def _start(stage: Stage, name: str, shift: float) -> Node:
    wrong = {
        "LD_PRELOAD": str(LIBRARY),
        "FAKETIME": f"{shift:+.0f}",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    return stage.start(name, processes=2, environment=wrong if shift else {})


SCENARIO = Scenario(
    name="clocks",
    promise="nodes whose clocks are an hour wrong work, are lost, and take over as any other",
    act=act,
    was_only_away=False,
)
