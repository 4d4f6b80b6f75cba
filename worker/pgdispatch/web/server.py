"""One application server: a node's health and metrics over HTTP, in a process of its own.

Started by the supervisor, which hands on the listening socket, and talks to it as to a
backgrounder; when it is gone, the process ends at once.
"""

from __future__ import annotations

import asyncio
import socket
import sys
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from starlette.applications import Starlette

from pgdispatch.host import log_lines
from pgdispatch.ipc.channel import Channel
from pgdispatch.ipc.lifeline import die_with_parent, end_group
from pgdispatch.ipc.secrecy import take_begin
from pgdispatch.web.http_connection import Connection, Exhaustion, bounds
from pgdispatch.web.pages import Pages
from pgdispatch.web.probe import Probe

LAST_ANSWERS = 2


def make_server(pages: Pages, channel: Channel) -> uvicorn.Server:
    """Return a server of `pages` that says `ready` on the channel when it serves."""
    room = bounds()
    Connection.most = room.most

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        exhaustion = Exhaustion(server.server_state.connections)
        asyncio.get_running_loop().set_exception_handler(exhaustion.meet)
        channel.send("ready")
        yield
        await pages.health_probe.close()
        await pages.queue_probe.close()

    application = pages.application()
    application.router.lifespan_context = lifespan
    server = uvicorn.Server(
        uvicorn.Config(
            application,
            loop="asyncio",
            http=Connection,
            ws="none",
            lifespan="on",
            log_config=None,
            log_level="error",  # not what anybody's garbage makes it say
            access_log=False,
            server_header=False,
            backlog=room.backlog,
            timeout_graceful_shutdown=LAST_ANSWERS,
        )
    )
    return server


def listen(channel: Channel, pages: Pages, server: uvicorn.Server) -> None:
    """Obey the supervisor, in a thread of its own; die with it."""
    for message in channel.messages():
        pages.heard_at = time.monotonic()
        if message["is"] == "tally":
            pages.tally = message["tally"]
        elif message["is"] == "drain":
            server.should_exit = True
    end_group()


def main() -> None:
    """Serve until the supervisor says otherwise.

    Arguments: the numbers of the channel's descriptor, of a pipe that ends with the supervisor,
    and of the listening socket.
    """
    die_with_parent(int(sys.argv[2]))
    log_lines.set_up()
    channel = Channel(socket.socket(fileno=int(sys.argv[1])))
    listener = socket.socket(fileno=int(sys.argv[3]))
    begin = take_begin(channel)
    if begin is None:
        return
    health, queue = (Probe(begin["dsn"], name=begin["name"]) for _ in range(2))
    pages = Pages(begin["node"], health, queue, begin["tally"])
    server = make_server(pages, channel)
    threading.Thread(target=listen, args=(channel, pages, server), daemon=True).start()
    server.run(sockets=[listener])


if __name__ == "__main__":
    main()
