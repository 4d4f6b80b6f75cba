"""A supervisor's hold on its node's name."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from pgdispatch.database import statements
from pgdispatch.database.server_versions import untested
from pgdispatch.database.session import AwayError, Session
from pgdispatch.database.sqlstates import is_login_wrong
from pgdispatch.errors import (
    ConfigurationError,
    NoDatabaseError,
    NodeNameTakenError,
    PgdispatchError,
    SchemaMismatchError,
)
from pgdispatch.host.identity import end_leftovers, is_gone, own_identity
from pgdispatch.ipc.attempt import Attempt
from pgdispatch.node.periodic import wait_for
from pgdispatch.schema.installed import check_level
from pgdispatch.version import VERSION, noted

logger = logging.getLogger("pgdispatch")

PATIENCE = 60.0
LOGIN_HINT = (
    "see pgdispatch dsn; a node needs the right database and password, and the role "
    "pgdispatch_worker"
)


@dataclass
class Registration:
    """One incarnation of a node: what the database is told when it signs on.

    `backgrounders` None: as the row of the node says. `types`: what it serves, as far as known;
    `targets`: of notices, that it reaches.
    The number is told once: from then on it is the administrators'.
    """

    session: Session
    node: str
    processors: int
    backgrounders: int | None
    types: list[str] | None
    targets: list[str]
    stopping: asyncio.Event
    incarnation: uuid.UUID = field(default_factory=uuid.uuid4)
    process: str | None = field(default_factory=own_identity)
    are_types_told: bool = False

    async def sign_on(self) -> list[Attempt]:
        """Take the name, once its former holder has given it up, or is seen to be no more.

        Returns the attempts that ran under that name before, and are lost if they still did.
        Raises `NodeNameTakenError` after a minute; at once `NoDatabaseError`, `ConfigurationError`
        for a login that is wrong, and `SchemaMismatchError` when the schema installed does not
        serve this package.
        """
        try:
            await self.check_schema(self.session)
            if remark := untested(self.session.server_version):
                logger.warning("%s", remark)
            orders = await self.session.call(statements.NODE_ATTEMPTS, self.node)
            await self._register(self.session.call, self.backgrounders, takes_over=True)
            return [(order["job"], order["attempt"]) for order in orders]
        except (AwayError, PgdispatchError) as error:
            if is_login_wrong(getattr(error.__cause__, "sqlstate", None)):
                raise ConfigurationError(
                    "the database does not let this node in", detail=str(error), hint=LOGIN_HINT
                ) from error
            if isinstance(error, PgdispatchError):
                raise
            raise NoDatabaseError(
                "the database cannot be reached",
                detail=str(error),
                hint="see where it is looked for: pgdispatch dsn",
            ) from error

    async def renew(self) -> bool:
        """Take the name anew if nobody holds it: cut off for long, the node was forgotten.

        Return whether that was so. Raises `NodeNameTakenError` if a rival was faster.
        """
        if await self.session.call(statements.NODE_HOLDER, self.node):
            return False
        await self._register(self.session.call, self.backgrounders)
        logger.warning("%s: was forgotten while it was not heard of, and is back", self.node)
        return True

    async def tell_types(self, types: list[str]) -> None:
        """Say which job types the node serves, if that is news."""
        if not self.are_types_told or self.types != types:
            self.are_types_told = True
            self.types = types
            await self._register(self.session.insist, None)
            logger.info("node %s serves %s", self.node, ", ".join(types))

    async def sign_off(self) -> None:
        """Give the name back; a database that is away finds out by itself."""
        try:
            await self.session.call(statements.DEREGISTER_NODE, self.node, self.incarnation)
        except (AwayError, PgdispatchError) as error:
            logger.warning("%s: could not sign off: %s", self.node, error)

    async def check_schema(self, session: Session) -> None:
        """Raise `SchemaMismatchError` unless the schema installed serves this package."""
        found = await session.call(statements.INSTALLED_LEVEL)
        if not found:
            raise SchemaMismatchError(
                "the schema pgdispatch is not installed", hint="run: pgdispatch install"
            )
        level, oldest_level, version, step = found[0]
        check_level(level, oldest_level, noted(version, step))

    async def report_clock(self, session: Session) -> None:
        """Tell the database what this machine's clock shows, for `pgdispatch doctor`."""
        clock = datetime.now(UTC)
        await session.call(statements.REPORT_CLOCK, self.node, self.incarnation, clock)

    async def report_targets(self, session: Session) -> None:
        """Tell the database which targets of notices this node reaches."""
        targets = self.targets or None
        await session.call(statements.REPORT_TARGETS, self.node, self.incarnation, targets)

    async def _register(
        self,
        ask: Callable[..., Awaitable[object]],
        backgrounders: int | None,
        *,
        takes_over: bool = False,
    ) -> None:
        deadline = time.monotonic() + PATIENCE
        gone = await self._gone_holder() if takes_over else None  # to be refused would be an error
        while not self.stopping.is_set():
            try:
                await ask(
                    statements.REGISTER_NODE,
                    self.node,
                    self.incarnation,
                    backgrounders,
                    self.types,
                    self.processors,
                    socket.gethostname(),
                    os.getpid(),
                    VERSION,
                    self.process,
                    gone,
                )
                return
            except NodeNameTakenError as error:
                former, gone = gone, await self._gone_holder() if takes_over else None
                if gone is not None and gone != former:
                    continue
                if time.monotonic() > deadline:
                    raise
                logger.warning("%s (%s); waiting for it to be given up", error, error.detail)
                await wait_for(self.stopping, 2.0)
                await ask(statements.DECLARE_LOST)  # sets right a heartbeat that lies ahead

    async def _gone_holder(self) -> uuid.UUID | None:
        """Return the incarnation that holds the name if nothing is left of its processes.

        A handler of its that still ran would meet the next attempt at its job.
        """
        for incarnation, process in await self.session.call(statements.NODE_HOLDER, self.node):
            if process is not None and is_gone(process):
                if await asyncio.to_thread(end_leftovers, process):
                    former = process.rsplit("|", 2)[1]
                    logger.warning("%s: taken over from one no more: process %s", self.node, former)
                    return uuid.UUID(str(incarnation))
                logger.warning("%s: processes of its former supervisor do not end", self.node)
        return None
