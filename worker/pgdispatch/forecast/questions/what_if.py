"""What would be, if something were changed: the coming hours, simulated once for each case.

Nothing is written, and no snapshot is held while it computes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from pgdispatch.forecast.draws.arrivals import arrivals_of
from pgdispatch.forecast.draws.durations import Durations
from pgdispatch.forecast.draws.past import Past, forecast_history, read_past
from pgdispatch.forecast.questions.applying import applied, commands, earliest_shift
from pgdispatch.forecast.questions.changes import Change
from pgdispatch.forecast.questions.comparison import AS_IT_IS, Line, compare
from pgdispatch.forecast.rules.dispatching import simulate
from pgdispatch.forecast.run import MICROS, Run
from pgdispatch.forecast.snapshot import forecast_input, read_plan
from pgdispatch.forecast.statements import READ_ONLY

MANY_MORE = 1.5  # times the backgrounders that there are: beyond it run times are a guess


@dataclass(frozen=True)
class Question:
    """What is asked: cases, how far ahead, how many runs at most, in how many seconds.

    The seconds are of the clock: somebody waits for the answer.
    """

    cases: Mapping[str, Sequence[Change]]
    hours: float = 12.0
    runs: int = 40
    seconds: float = 20.0


@dataclass(frozen=True)
class Answer:
    """The lines of all cases, `AS_IT_IS` first, the commands of each case, and what to know."""

    made_at: int
    until: int
    runs: int
    lines: list[Line]
    commands: Mapping[str, list[str]]
    remarks: list[str]


def what_if(
    connection: psycopg.Connection[Any],
    question: Question,
    said: Callable[[int], None] = lambda _: None,
) -> Answer:
    """Return what each case of a question does; `said` is told of each round of runs.

    Raises `InvalidInputError` for a change that names what there is not.

    Transaction: one of its own, which only reads, and is over before the first run; the
    connection must be in none.
    """
    document, past = _read(connection, question)
    plans = {case: read_plan(applied(changes, document)) for case, changes in
             {AS_IT_IS: (), **question.cases}.items()}  # fmt: skip
    plan = plans[AS_IT_IS]
    until = plan.made_at + int(question.hours * 3600) * MICROS
    durations = Durations(past, plan.made_at)
    done = 0

    def run(case: str, number: int) -> Run:
        arrivals = arrivals_of(past, plan.made_at, until, number)
        return simulate(plans[case], durations.run(number), arrivals)

    def rounds() -> Iterator[int]:
        nonlocal done
        deadline = time.monotonic() + question.seconds
        longest = 0.0
        for number in range(question.runs):
            before = time.monotonic()
            if number and before + longest > deadline:
                return
            yield number
            done = number + 1
            longest = max(longest, time.monotonic() - before)
            said(done)

    lines = compare(run, list(question.cases), rounds())
    told = {
        case: [line for change in changes for line in commands(change, document)]
        for case, changes in question.cases.items()
    }
    return Answer(plan.made_at, until, done, lines, told, _remarks(plans, question))


def _read(connection: psycopg.Connection[Any], question: Question) -> tuple[dict[str, Any], Past]:
    """Read what is and what was; as far ahead as runs may be moved from, too."""
    further = max(map(earliest_shift, question.cases.values()), default=0)
    with connection.transaction():
        connection.execute(READ_ONLY)
        document = forecast_input(connection, question.hours + further / 3600)
        past = read_past(forecast_history(connection, question.hours))
    document["until"] = document["made_at"] + int(question.hours * 3600) * MICROS
    return document, past


def _remarks(plans: Mapping[str, Any], question: Question) -> list[str]:
    """Say where an answer is less sure than it looks."""
    sizes = {case: sum(node.backgrounders for node in plan.nodes) for case, plan in plans.items()}
    if sizes[AS_IT_IS] == 0:
        return ["no node is up: nothing starts"]
    many = [case for case in question.cases if sizes[case] > MANY_MORE * sizes[AS_IT_IS]]
    return [
        f"{case}: half as many backgrounders again, or more; jobs may then run longer than before"
        for case in many
    ]
