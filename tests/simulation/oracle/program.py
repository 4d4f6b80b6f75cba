"""Plays worlds and judges the simulation at random instants of each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from random import Random
from typing import Any

import psycopg
from psycopg import sql

from pgdispatch.forecast.run import MICROS
from simulation.oracle.judging import Judgement, Look, judge, look, read_history
from simulation.oracle.truth import micros
from simulation.oracle.worlds import HOUR, WORLDS, Play, World
from simulation.timed_session import Session


@dataclass(frozen=True)
class Verdict:
    """What became of one look at a world."""

    world: str
    at: str
    judgement: Judgement


def judge_world(
    connection: psycopg.Connection[Any], world: World, *, hours: float, looks: int
) -> tuple[list[Verdict], frozenset[str]]:
    """Play a world for some hours, and judge what was known at some instants of it.

    Returns the verdicts, and what kinds of things have happened. Replaces pgdispatch.now() in the
    database, which has nothing but the schema.
    """
    session = Session(connection, world.start)
    truth, start = Play(session, world).truth, micros(world.start)
    end = start + round(hours * HOUR)
    outage = [start + round(hour * HOUR) for hour in world.outage or ()]
    seen: list[Look] = []
    for at in _instants(world, start, end, looks, outage):
        if not seen:
            truth.play(at - MICROS)
            truth.fire_early()
        truth.play(at)
        if outage and at == outage[0]:
            truth.rest(outage[1])
        seen.append(look(truth))
    truth.play(end)
    history = read_history(truth)
    verdicts = []
    for one in seen:
        made_at = one.document["made_at"]
        is_before = bool(outage) and made_at < outage[0]
        until = outage[0] if is_before else min(made_at + 12 * HOUR, end)
        judgement = judge(truth, history, one, until=until)
        jobs = len(one.document["jobs"]["rows"])
        text = f"{(made_at - start) / HOUR:.2f} h, {jobs} jobs"
        verdicts.append(Verdict(world.name, text, judgement))
    return verdicts, history.seen


def judge_many(dsn: str, worlds: int, *, seed: int, tasks: int) -> int:
    """Judge so many worlds from a seed on, each in a copy of a database; 1: one differs."""
    starts = wrong = 0
    template = psycopg.conninfo.conninfo_to_dict(dsn)["dbname"]
    for number in range(seed, seed + worlds):
        world = replace(WORLDS[number % len(WORLDS)], seed=number, tasks=tasks)
        name = f"oracle_{number}"
        with _copy(dsn, str(template), name) as connection:
            verdicts, _ = judge_world(connection, world, hours=10, looks=4)
        for verdict in verdicts:
            starts += verdict.judgement.starts
            wrong += bool(verdict.judgement.differences)
            for line in verdict.judgement.differences:
                print(f"seed {number}, {verdict.world} at {verdict.at}: {line}")
        print(f"seed {number}: {starts} starts compared so far, {wrong} looks differ", flush=True)
    return int(wrong > 0)


@contextmanager
def _copy(dsn: str, template: str, name: str) -> Iterator[psycopg.Connection[Any]]:
    """Give a connection to a copy of a database, which is dropped after."""
    names = sql.Identifier(name), sql.Identifier(template)
    other = psycopg.conninfo.make_conninfo(dsn, dbname="template1")
    with psycopg.connect(other, autocommit=True) as connection:
        connection.execute(sql.SQL("create database {} template {}").format(*names))
        own = psycopg.conninfo.make_conninfo(dsn, dbname=name)
        try:
            with psycopg.connect(own, autocommit=True, options="-c timezone=UTC") as copy:
                yield copy
        finally:
            connection.execute(sql.SQL("drop database {}").format(names[0]))


def _instants(world: World, start: int, end: int, looks: int, outage: list[int]) -> list[int]:
    """Return when to look: at random instants of the first half, and when an outage begins."""
    random = Random(world.seed)  # noqa: S311  # reproducible, not secret
    found = [start + round(random.uniform(0.02, 0.55) * (end - start)) for _ in range(looks)]
    if outage:
        found = [at for at in found if not outage[0] <= at <= outage[1]]
    return sorted([*found, *outage[:1]])
