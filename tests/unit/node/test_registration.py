"""What a supervisor says when it signs on, and what it leaves to others from then on."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from pgdispatch.database import statements
from pgdispatch.database.server_versions import TESTED_UP_TO
from pgdispatch.database.session import AwayError, Session
from pgdispatch.errors import NoDatabaseError, SchemaMismatchError
from pgdispatch.node.registration import Registration
from pgdispatch.schema.release import LEVEL


class Recorder:
    """A session that keeps what it is told; `trouble` is raised instead. Nobody has the name."""

    def __init__(
        self, trouble: Exception | None = None, *, level: int = LEVEL, oldest: int = LEVEL
    ) -> None:
        self.trouble = trouble
        self.installed = (level, oldest, "99.0", 0)
        self.told: list[tuple[Any, ...]] = []
        self.server_version = TESTED_UP_TO

    async def call(self, statement: str, *values: Any) -> list[Any]:
        """Keep one statement."""
        if self.trouble is not None:
            raise self.trouble
        if statement == statements.INSTALLED_LEVEL:
            return [self.installed]
        if statement in (statements.NODE_HOLDER, statements.NODE_ATTEMPTS):
            return []
        self.told.append((statement, *values))
        return []

    insist = call


def registration(session: Recorder) -> Registration:
    """Return that of a node that was started with three backgrounders."""
    return Registration(
        session=cast("Session", session),
        node="n",
        processors=8,
        backgrounders=3,
        types=None,
        targets=[],
        stopping=asyncio.Event(),
    )


def test_the_number_of_backgrounders_is_told_once() -> None:
    """A change that an administrator has made meanwhile is not undone when types become known."""
    session = Recorder()

    async def go() -> None:
        made = registration(session)
        await made.sign_on()
        for _ in range(2):
            await made.tell_types(["flow"])

    asyncio.run(go())

    assert [told[0] for told in session.told] == [statements.REGISTER_NODE] * 2
    assert [told[3:6] for told in session.told] == [(3, None, 8), (None, ["flow"], 8)]


@pytest.mark.parametrize("newer_by", [0, 1])
def test_a_server_newer_than_was_tested_is_remarked_and_served(
    caplog: pytest.LogCaptureFixture, newer_by: int
) -> None:
    """Once, when the node starts."""
    session = Recorder()
    session.server_version += newer_by

    asyncio.run(registration(session).sign_on())

    assert [told[0] for told in session.told] == [statements.REGISTER_NODE]
    assert len([text for text in caplog.messages if "newer than this version" in text]) == newer_by


def test_a_database_that_is_not_there_ends_the_start() -> None:
    """Later it would only be waited for."""
    with pytest.raises(NoDatabaseError) as refused:
        asyncio.run(registration(Recorder(AwayError("no route"))).sign_on())

    assert "no route" in str(refused.value.detail)


@pytest.mark.parametrize(
    ("level", "oldest", "advice"),
    [
        (LEVEL - 1, LEVEL - 1, "run: pgdispatch install"),
        (LEVEL + 2, LEVEL + 1, "on this machine run: pip install --upgrade 'pgdispatch>=99.0'"),
    ],
    ids=["older schema", "newer schema"],
)
def test_a_schema_that_does_not_serve_this_level_ends_the_start(
    level: int, oldest: int, advice: str
) -> None:
    """Before the name is taken; each with its own advice."""
    session = Recorder(level=level, oldest=oldest)

    with pytest.raises(SchemaMismatchError) as refused:
        asyncio.run(registration(session).sign_on())

    assert str(refused.value.hint).startswith(advice)

    assert session.told == []


def test_a_newer_schema_that_still_serves_this_level_is_taken() -> None:
    """Nodes of the former version go on through an upgrade, and may start again."""
    session = Recorder(level=LEVEL + 1, oldest=LEVEL)

    asyncio.run(registration(session).sign_on())

    assert [told[0] for told in session.told] == [statements.REGISTER_NODE]


def test_a_stop_while_the_name_is_waited_for_ends_the_wait() -> None:
    """Nothing is told any more."""
    session = Recorder()

    async def go() -> None:
        made = registration(session)
        made.stopping.set()
        await made.sign_on()

    asyncio.run(go())

    assert session.told == []
