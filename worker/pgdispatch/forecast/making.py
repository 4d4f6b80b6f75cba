"""Makes a forecast: reads what is and was, simulates runs of the coming hours, keeps what they say.

Nothing is held meanwhile: what is read is read in one short transaction, and its connection given
back before the first run; what is written is written in two. Whoever else makes one is told apart
by its number.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Any, Protocol

import psycopg

from pgdispatch.forecast.draws.arrivals import arrivals_of
from pgdispatch.forecast.draws.durations import Durations
from pgdispatch.forecast.draws.past import Past, forecast_history, read_past
from pgdispatch.forecast.plan import Plan
from pgdispatch.forecast.rules.dispatching import simulate
from pgdispatch.forecast.run import MICROS, Run
from pgdispatch.forecast.snapshot import forecast_input, read_plan
from pgdispatch.forecast.statements import (
    BEGIN_FORECAST,
    END_FORECAST,
    KEEP_FORECAST,
    NOTE_FORECAST,
    READ_ONLY,
)
from pgdispatch.forecast.sums.calibration import Calibration, read_calibration
from pgdispatch.forecast.sums.contracts import Judge, contract_input, note_contracts
from pgdispatch.forecast.sums.keeping import (
    Said,
    checks,
    rows_of_jobs,
    rows_of_load,
    rows_of_schedules,
)
from pgdispatch.forecast.sums.load import Load
from pgdispatch.forecast.sums.quantiles import Quantiles

MOST_RUNS = 100
DAY = 24.0  # hours that the load is told of
FAR_EVERY = 5  # every so many runs go on to the end of the day

Connecting = Callable[[], AbstractContextManager[psycopg.Connection[Any]]]


@dataclass(frozen=True, slots=True)
class Order:
    """What begin_forecast says: a forecast is to be made, and how.

    `seconds`: processor time that it may take; `late_seconds`: what starts so long after its time
    is late.
    """

    number: int
    hours: float
    seconds: float
    late_seconds: float
    calibration: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Made:
    """A forecast that was made: of so many runs, in so many seconds of processor time.

    `is_kept` is false if another node has taken it over meanwhile.
    """

    runs: int
    seconds: float
    is_kept: bool


class Sum(Protocol):
    """Something else that is made of simulated runs, which may go on beyond the horizon."""

    def add(self, run: Run) -> None:
        """Add one run; it is let go then."""


@dataclass(frozen=True, slots=True)
class Simulated:
    """What came out of the runs: of jobs and schedules, and of the load."""

    quantiles: Quantiles
    load: Load
    seconds: float


def make_due(connection: psycopg.Connection[Any], node: str) -> Made | None:
    """Make a forecast on this connection if one is due, as a node does; None: none is.

    Transaction: several, each of its own; the connection must be in none.
    """
    with connection.transaction():
        row = connection.execute(BEGIN_FORECAST, (node,)).fetchone()
    if row is None:
        return None
    number, hours, seconds, late_seconds, calibration = row
    order = Order(number, hours, seconds, late_seconds, tuple(calibration))
    try:
        return make_forecast(lambda: nullcontext(connection), order)
    except Exception as error:
        with connection.transaction():
            connection.execute(END_FORECAST, (number, str(error)))
        raise


def make_forecast(connect: Connecting, order: Order, *, most_runs: int = MOST_RUNS) -> Made:
    """Make the forecast of an order that has begun.

    `connect` gives a connection in no transaction, once for reading and once for writing; in
    between there is none. One run is made at least, then as many as the budget allows.

    Transaction: several, each of its own.
    """
    with connect() as connection, connection.transaction():
        connection.execute(READ_ONLY)
        hours = max(order.hours, DAY)
        plan = read_plan(forecast_input(connection, hours))
        past = read_past(forecast_history(connection, hours))
        promised = contract_input(connection, order.hours)
    until = plan.made_at + int(order.hours * 3600) * MICROS
    judge = Judge(promised, until=until)
    simulated = simulate_runs(
        plan,
        past,
        until=until,
        budget=order.seconds,
        late=order.late_seconds,
        most_runs=most_runs,
        sums=(judge,),
    )
    calibration = read_calibration(order.calibration)
    with connect() as connection:
        is_kept = _keep(connection, order, simulated, calibration, judge)
    return Made(simulated.quantiles.runs, simulated.seconds, is_kept)


def simulate_runs(
    plan: Plan,
    past: Past,
    *,
    until: int,
    budget: float,
    late: float,
    most_runs: int = MOST_RUNS,
    sums: Sequence[Sum] = (),
) -> Simulated:
    """Simulate the coming hours again and again, within so many seconds of processor time.

    A plan may go further than `until`: then every fifth run does, for the load. Each run is added
    to `sums`, too.
    """
    begun_at = time.process_time()
    near = replace(plan, until=min(until, plan.until))
    durations = Durations(past, plan.made_at)
    quantiles = Quantiles(plan, until=near.until, late=int(late * MICROS))
    load = Load(plan)
    every: tuple[Sum, ...] = (quantiles, load, *sums)
    longest = 0.0
    for number in range(most_runs):
        before = time.process_time()
        if number and before - begun_at + longest > budget:
            break
        seen = near if number % FAR_EVERY else plan
        arrivals = arrivals_of(past, plan.made_at, seen.until, number)
        run = simulate(seen, durations.run(number), arrivals)
        for one in every:
            one.add(run)
        longest = max(longest, time.process_time() - before) if number else 0.0
    return Simulated(quantiles, load, time.process_time() - begun_at)


def _keep(
    connection: psycopg.Connection[Any],
    order: Order,
    simulated: Simulated,
    calibration: Calibration,
    judge: Judge,
) -> bool:
    quantiles, plan = simulated.quantiles, simulated.load.plan
    said = Said(quantiles, calibration, plan.made_at, int(order.late_seconds * MICROS))
    with connection.transaction():
        ((is_kept,),) = connection.execute(
            KEEP_FORECAST,
            (
                order.number,
                plan.made_at,
                quantiles.until,
                quantiles.runs,
                simulated.seconds,
                json.dumps(rows_of_jobs(said)),
                json.dumps(rows_of_schedules(said)),
                json.dumps(rows_of_load(simulated.load)),
            ),
        ).fetchall()
        if is_kept:
            note_contracts(connection, judge, plan.made_at)
    if is_kept:
        with connection.transaction():
            connection.execute(
                NOTE_FORECAST, (plan.made_at, quantiles.until, json.dumps(checks(said)))
            )
    return bool(is_kept)
