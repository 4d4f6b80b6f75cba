"""An application server's connection to the database: a short question, or none at all."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import asyncpg

from pgdispatch.database.session import FAILURES, open_session

logger = logging.getLogger("pgdispatch")

PATIENCE = 2.0


class NoAnswerError(Exception):
    """The database did not answer in time, or refused."""


class Probe:
    """One connection, made anew when it breaks, that never keeps anybody waiting for long."""

    def __init__(self, dsn: str, *, name: str) -> None:
        """Note where to connect; the first question does."""
        self._dsn = dsn
        self._name = name
        self._connection: asyncpg.Connection | None = None
        self._turn = asyncio.Lock()
        self._is_away = False

    async def rows(self, statement: str, *values: Any) -> list[asyncpg.Record]:
        """Return the rows of one statement. Raises `NoAnswerError` after two seconds at most.

        Transaction: one of its own.
        """
        try:
            async with asyncio.timeout(PATIENCE), self._turn:
                found = await self._ask(statement, values)
        except FAILURES as error:
            if not self._is_away:
                logger.warning("%s: no answer: %s", self._name, error or type(error).__name__)
            self._is_away = True
            raise NoAnswerError from error
        self._is_away = False
        return found

    def close(self) -> None:
        """Drop the connection, if there is one."""
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None

    async def _ask(self, statement: str, values: tuple[Any, ...]) -> list[asyncpg.Record]:
        try:
            if self._connection is None or self._connection.is_closed():
                self._connection, _ = await open_session(self._dsn, name=f"pgdispatch {self._name}")
            found: list[asyncpg.Record] = await self._connection.fetch(statement, *values)
        except BaseException:  # cancelled in time, too: what is under way must not be left behind
            self.close()
            raise
        return found
