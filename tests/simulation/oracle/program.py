"""Plays worlds and judges the simulation at random instants of each."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

import psycopg

from simulation.oracle.judging import Judgement, judge, read_history
from simulation.oracle.truth import micros
from simulation.oracle.worlds import HOUR, Play, World
from simulation.timed_session import Session

INPUT = "select pgdispatch.forecast_input(12)"
SAYING = "select set_config('simulation.now', %s, false)"


@dataclass(frozen=True)
class Verdict:
    """What became of one look at a world."""

    world: str
    at: str
    judgement: Judgement


def judge_world(
    connection: psycopg.Connection[Any], world: World, *, hours: float, looks: int
) -> Iterator[Verdict]:
    """Play a world for some hours, and judge what was known at some instants of it.

    Replaces pgdispatch.now() in the database, which has nothing but the schema.
    """
    session = Session(connection, world.start)
    play = Play(session, world)
    truth, start = play.truth, micros(world.start)
    end = start + round(hours * HOUR)
    random = Random(world.seed)  # noqa: S311  # reproducible, not secret
    instants = [start + round(random.uniform(0.02, 0.55) * (end - start)) for _ in range(looks)]
    outage = world.outage and [start + round(hour * HOUR) for hour in world.outage]
    if outage:
        instants = [at for at in instants if not outage[0] <= at <= outage[1]]
    documents = []
    for at in sorted([*instants, *(outage or [])[:1]]):
        truth.play(at)
        if outage and at == outage[0]:
            truth.rest(outage[1])
        documents.append(session.value(INPUT))
    truth.play(end)
    history = read_history(truth)
    for document in documents:
        made_at = document["made_at"]
        until = min(made_at + 12 * HOUR, end)
        if outage and made_at < outage[0]:
            until = outage[0]
        begun = time.process_time()
        judgement = judge(truth, history, document, until=until)
        spent = time.process_time() - begun
        jobs = len(document["jobs"]["rows"])
        text = f"{(made_at - start) / HOUR:.2f} h, {jobs} jobs, {spent:.2f} s"
        yield Verdict(world.name, text, judgement)
