"""The application servers of one node: started, told the node's tally, replaced and ended."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable
from dataclasses import dataclass, field

from pgdispatch.database import statements
from pgdispatch.database.session import Session
from pgdispatch.errors import PgdispatchError
from pgdispatch.ipc.channel import Message
from pgdispatch.node.child import Child, describe
from pgdispatch.node.listener import address_of
from pgdispatch.node.pool import Pool

logger = logging.getLogger("pgdispatch")

LAST_ANSWERS = 5.0


@dataclass
class Server:
    """The place of one application server on its node."""

    number: int
    child: Child
    is_ready: bool = False
    retires: bool = False

    def end(self) -> None:
        """Tell it to end after the requests in hand."""
        self.child.send("drain")


@dataclass
class ApplicationServers:
    """The application servers of a node, which share the socket `listener`.

    `on_ready` is called when one serves. Until then, and while one is replaced, connections wait.
    """

    node: str
    dsn: str
    listener: socket.socket
    session: Session
    on_ready: Callable[[], None]
    tally: Message
    pool: Pool[Server] = field(init=False)

    def __post_init__(self) -> None:
        """Make the pool, which is empty."""
        self.pool = Pool(self._make, self._attend, Server.end)

    @property
    def servers(self) -> dict[int, Server]:
        """The servers by their number."""
        return self.pool.members

    def up(self) -> int:
        """Return how many of them serve."""
        return sum(server.is_ready for server in self.servers.values())

    def tell(self, tally: Message) -> None:
        """Pass on what the node has done, if that has changed."""
        if tally != self.tally:
            self.tally = tally
            for server in self.servers.values():
                server.child.send("tally", tally=tally)

    def tell_all(self) -> None:
        """Tell the database anew of those that serve."""
        for server in self.servers.values():
            if server.is_ready:
                self._tell_start(server)

    async def speak(self) -> None:
        """Let all of them know that this process's loop turns."""
        for server in self.servers.values():
            if server.is_ready:  # the first message is another
                server.child.send("turn")

    async def drain(self) -> None:
        """End all of them, after the requests in hand; close the socket."""
        self.pool.drain()
        if self.pool.tasks:
            await asyncio.wait(self.pool.tasks, timeout=LAST_ANSWERS)
        for server in self.servers.values():
            server.child.kill_group()
        for task in self.pool.tasks:
            task.cancel()
        await asyncio.gather(*self.pool.tasks, return_exceptions=True)
        self.listener.close()

    def _make(self, number: int) -> Server:
        child = Child(
            "pgdispatch.web.server",
            (lambda message, _: self._hear(server, message),),
            hands_on=(self.listener.fileno(),),
        )
        server = Server(number, child)
        return server

    async def _attend(self, server: Server) -> bool:
        """Run a process to its end, and tell of that; return whether it had been ready."""
        name = f"{self.node}/{server.number}"
        try:
            status = await server.child.run(lambda: self._begin(server, name))
            if not server.retires or status != 0:
                logger.warning("%s %s", name, describe(status))
        except OSError as error:
            logger.error("%s: cannot start: %s", name, error)
        was_ready, server.is_ready = server.is_ready, False
        if was_ready and server.retires and not self.pool.stopping.is_set():  # else all rows go
            await self._tell(statements.STOP_APPLICATION_SERVER, self.node, server.number)
        return was_ready

    def _begin(self, server: Server, name: str) -> None:
        server.child.begin(node=self.node, name=name, dsn=self.dsn, tally=self.tally)
        if server.retires:  # it was told so before there was anybody to tell
            server.child.send("drain")

    def _hear(self, server: Server, message: Message) -> None:
        if message["is"] == "ready" and server.child.process is not None:
            server.is_ready = True
            self.on_ready()
            self._tell_start(server)

    def _tell_start(self, server: Server) -> None:
        if server.child.process is not None:
            pid, address = server.child.process.pid, address_of(self.listener)
            values = (self.node, server.number, pid, address)
            self.pool.spawn(self._tell(statements.START_APPLICATION_SERVER, *values))

    async def _tell(self, statement: str, *values: object) -> None:
        try:
            await self.session.insist(statement, *values)
        except PgdispatchError as error:
            logger.error("%s: %s", self.node, error)
