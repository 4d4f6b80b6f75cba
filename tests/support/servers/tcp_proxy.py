"""A TCP proxy in front of a server that a test can cut, delay, and let play dead.

Clients connect to a port of this machine; the other side is the server's unix socket. It runs in a
thread of its own.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from psycopg.conninfo import conninfo_to_dict, make_conninfo

CHUNK = 65536


@dataclass(eq=False)
class Link:
    """One connection: both ends, whether it is dead without knowing, or the server not heard."""

    client: asyncio.StreamWriter
    server: asyncio.StreamWriter
    is_dead: bool = False
    is_mute: bool = False

    def close(self) -> None:
        """Reset both ends: whoever reads or writes there is told at once."""
        for writer in (self.client, self.server):
            with suppress(OSError, RuntimeError):
                writer.transport.abort()


@dataclass
class Proxy:
    """What stands between; the methods may be called from any thread.

    `refused`: how many connections it has not let through.
    """

    socket_path: str
    host: str
    loop: asyncio.AbstractEventLoop
    port: int = 0
    delay: float = 0.0
    is_shut: bool = False
    refused: int = 0
    links: set[Link] = field(default_factory=set)

    def cut(self, *, with_dead: bool = False) -> int:
        """Reset all connections that are not dead; new ones get through. Return how many."""
        return self._do(lambda: self._cut(with_dead))

    def shut(self) -> int:
        """Reset all connections and refuse new ones, until `open`."""
        self.is_shut = True
        return self.cut()

    def open(self) -> None:
        """Take connections again."""
        self.is_shut = False

    def play_dead(self) -> int:
        """Let all connections that there are swallow what they get, and say nothing any more.

        Neither end is told: they are half open. New connections get through.
        """
        return self._do(self._play_dead)

    def lose_answers(self) -> int:
        """Let what the server says over all connections that there are be lost; it hears all."""
        return self._do(self._lose_answers)

    def dsn(self, dsn: str) -> str:
        """Return a connection string for the server's `dsn` that leads through here."""
        return make_conninfo(dsn, host=self.host, port=self.port)

    async def serve(self) -> asyncio.Server:
        """Listen, on a free port."""
        server = await asyncio.start_server(self._meet, self.host, 0)
        self.port = server.sockets[0].getsockname()[1]
        return server

    async def stop(self) -> None:
        """End all connections, whatever state they are in, and what serves them."""
        for link in list(self.links):
            link.close()
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        if rest:
            await asyncio.wait(rest, timeout=5)

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.is_shut:
            self.refused += 1
            writer.transport.abort()
            return
        try:
            answers, server = await asyncio.open_unix_connection(self.socket_path)
        except OSError:
            writer.transport.abort()
            return
        link = Link(writer, server)
        self.links.add(link)
        await asyncio.gather(self._pass(link, reader, server), self._pass(link, answers, writer))
        self.links.discard(link)

    async def _pass(
        self, link: Link, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        with suppress(OSError, asyncio.CancelledError):
            while chunk := await reader.read(CHUNK):
                if self.delay:
                    await asyncio.sleep(self.delay)
                if not (link.is_dead or (link.is_mute and writer is link.client)):
                    writer.write(chunk)
                    await writer.drain()
        if not link.is_dead or reader.at_eof():
            link.close()

    def _cut(self, with_dead: bool) -> int:
        links = [link for link in self.links if with_dead or not link.is_dead]
        for link in links:
            link.close()
        return len(links)

    def _play_dead(self) -> int:
        links = [link for link in self.links if not link.is_dead]
        for link in links:
            link.is_dead = True
        return len(links)

    def _lose_answers(self) -> int:
        for link in self.links:
            link.is_mute = True
        return len(self.links)

    def _do(self, act: Callable[[], int]) -> int:
        async def done() -> int:
            return act()

        return asyncio.run_coroutine_threadsafe(done(), self.loop).result(10)


@contextmanager
def open_proxy(dsn: str, *, host: str = "127.0.0.1") -> Iterator[Proxy]:
    """Give a proxy in front of the server that `dsn` reaches over a unix socket."""
    where = conninfo_to_dict(dsn)
    loop = asyncio.new_event_loop()
    proxy = Proxy(f"{where['host']}/.s.PGSQL.{where['port']}", host, loop)
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(proxy.serve(), loop).result(10)
    try:
        yield proxy
    finally:
        loop.call_soon_threadsafe(server.close)
        asyncio.run_coroutine_threadsafe(proxy.stop(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
