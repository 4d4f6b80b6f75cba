"""An application server's connection to the database: a short question, or none at all."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

import asyncpg

from pgdispatch.database.outage import Outage
from pgdispatch.database.session import AwayError, Session
from pgdispatch.errors import PgdispatchError

logger = logging.getLogger("pgdispatch")

PATIENCE = 2.0


class NoAnswerError(Exception):
    """The database did not answer in time, or refused."""


class Probe(Session):
    """A session that never keeps anybody waiting for long: neither for the turn nor for an answer.

    Of an outage it tells once; how long it lasts is the supervisor's to tell.
    """

    def __init__(self, dsn: str, *, name: str) -> None:
        """Note where to connect; the first question does."""
        super().__init__(dsn, name=name, outage=Outage(name, is_quiet=True))
        self._is_silent = False

    async def rows(self, statement: str, *values: Any) -> list[asyncpg.Record]:
        """Return the rows of one statement. Raises `NoAnswerError` after two seconds at most.

        Transaction: one of its own.
        """
        try:
            async with asyncio.timeout(PATIENCE):
                found = await self.call(statement, *values)
        except (AwayError, PgdispatchError, TimeoutError) as error:
            if not self._is_silent:
                logger.warning("%s: no answer: %s", self._name, error or type(error).__name__)
            self._is_silent = True
            raise NoAnswerError from error
        self._is_silent = False
        return found

    async def _fetch(
        self, connection: asyncpg.Connection, statement: str, values: Sequence[Any]
    ) -> list[asyncpg.Record]:
        try:
            return await super()._fetch(connection, statement, values)
        except asyncio.CancelledError:  # in time: what is under way must not be left behind
            await self._drop()
            raise

    def _warned(self, _connection: Any, message: asyncpg.PostgresLogMessage) -> None:
        """Leave it to the supervisor, whose session is warned of the same."""
