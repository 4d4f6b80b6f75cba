"""Play the fortnight, forecast every few hours of its second week, and judge what was said."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import psycopg

from pgdispatch.forecast.making import Made, make_due
from simulation.fortnight.accuracy import Chance, Said, Score, Starts, chances, said, scores
from simulation.fortnight.setting import build
from simulation.fortnight.world import World
from simulation.timed_session import Session

START = datetime(2031, 1, 6, tzinfo=UTC)  # a Monday; no change-over is near
LEARNT = timedelta(days=7)
SETTINGS = {"forecast_seconds": "30", "lease_seconds": "9999999"}  # as many runs as there can be


@dataclass(frozen=True)
class Judgement:
    """What came out: scores, said chances, and how long forecasts took, in processor seconds."""

    scores: list[Score]
    chances: list[Chance]
    made: list[Made]
    jobs: int


def judge(
    dsn: str,
    *,
    seed: int = 1,
    days: float = 14.6,
    every: timedelta = timedelta(hours=3),
    learnt: timedelta = LEARNT,
    tasks: int = 560,
    say: Callable[[str], None] = lambda _: None,
) -> Judgement:
    """Play a world in a fresh database that has the schema, with forecasts after `learnt`.

    Replaces pgdispatch.now() there.
    """
    begun = time.monotonic()
    with psycopg.connect(dsn, autocommit=True, options="-c timezone=UTC") as connection:
        session = Session(connection, START)
        for name, value in SETTINGS.items():
            session.update("setting", ("name", name), value=value)
        world = World(session, build(session, seed, tasks))
        late = timedelta(seconds=float(session.value(LATE)))
        all_said: list[Said] = []
        made: list[Made] = []
        world.play(START + learnt)
        while session.now < START + timedelta(days=days):
            done = make_due(connection, "a-1")
            assert done is not None  # nobody else makes one, and the last was long ago
            made.append(done)
            all_said += said(session)
            say(f"{time.monotonic() - begun:4.0f} s  {session.now:%a %H:%M}, {done.runs} runs")
            world.play(session.now + every)
            session.rows("select pgdispatch.check_forecasts()")
        starts = Starts(session)
        horizon = timedelta(hours=12)
        known = [one for one in all_said if one.made_at + horizon <= session.now]
        return Judgement(
            scores(known, starts, horizon=horizon),
            chances(known, starts, late),
            made,
            world.starts,
        )


LATE = "select value from pgdispatch.setting where name = 'forecast_late_seconds'"
