"""What a supervisor does again and again goes on whatever the database says."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from pgdispatch.database.session import AwayError
from pgdispatch.errors import InvalidInputError, PgdispatchError
from pgdispatch.node.periodic import PeriodicTasks

LONG = 1000.0


def run(duty: Callable[[], Awaitable[float | None]], until: asyncio.Event) -> list[str]:
    """Do a duty until an event or a failure; return the failures."""

    async def go() -> list[str]:
        failures: list[PgdispatchError] = []

        def fail(error: PgdispatchError) -> None:
            failures.append(error)
            until.set()

        tasks = PeriodicTasks("n", fail)
        tasks.start(LONG, duty)
        await asyncio.wait_for(until.wait(), 10)
        await tasks.stop()
        return [error.message for error in failures]

    return asyncio.run(go())


@pytest.mark.parametrize(
    ("trouble", "lines"),
    [(AwayError("gone"), 0), (InvalidInputError("schedule x has no time zone"), 1)],
)
def test_an_absent_database_and_a_refusal_are_tried_again(
    trouble: Exception,
    lines: int,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """After the usual time, which is none here. A refusal is told once; absence by the session."""
    monkeypatch.setattr("pgdispatch.node.periodic.random.uniform", lambda *_: 0.0)
    done = asyncio.Event()
    rounds = 0

    async def duty() -> None:
        nonlocal rounds
        rounds += 1
        if rounds < 3:
            raise trouble
        done.set()

    assert run(duty, done) == []
    assert len(caplog.records) == lines


def test_a_duty_says_itself_when_it_wants_to_be_called_again() -> None:
    """Not after the usual time then."""
    done = asyncio.Event()
    rounds = 0

    async def duty() -> float:
        nonlocal rounds
        rounds += 1
        if rounds == 3:
            done.set()
        return 0.0

    assert run(duty, done) == []


def test_a_mistake_of_ours_ends_the_node_instead_of_going_unnoticed() -> None:
    """A node without a heart-beat or a clock would look alive."""

    async def duty() -> None:
        raise KeyError("x")

    assert run(duty, asyncio.Event()) == ["the node cannot go on: KeyError('x')"]


def test_what_is_under_way_is_done_before_the_end() -> None:
    """To break off a statement would be an error in the server's log; nothing is begun anew."""
    done: list[str] = []

    async def go() -> None:
        begun = asyncio.Event()

        async def duty() -> None:
            begun.set()
            await asyncio.sleep(0)
            done.append("asked and answered")

        tasks = PeriodicTasks("n", lambda _: None)
        tasks.start(0.0, duty)
        await begun.wait()
        await tasks.stop()

    asyncio.run(go())

    assert done == ["asked and answered"]
