"""One application server: a node's health and metrics over HTTP, in a process of its own.

Started by the supervisor, which hands on the listening socket, and talks to it as to a
backgrounder; when it is gone, the process ends at once.
"""

from __future__ import annotations

import logging
import socket
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from starlette.applications import Starlette

from pgdispatch.channel import Channel
from pgdispatch.lifeline import die_with_parent, end_group
from pgdispatch.pages import Pages
from pgdispatch.probe import Probe

LAST_ANSWERS = 2
AT_ONCE = 64


def make_server(pages: Pages, channel: Channel) -> uvicorn.Server:
    """Return a server of `pages` that says `ready` on the channel when it serves."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        channel.send("ready")
        yield
        pages.health_probe.close()
        pages.queue_probe.close()

    application = pages.application()
    application.router.lifespan_context = lifespan
    return uvicorn.Server(
        uvicorn.Config(
            application,
            loop="asyncio",
            http="h11",
            ws="none",
            lifespan="on",
            log_config=None,
            log_level="warning",
            access_log=False,
            server_header=False,
            limit_concurrency=AT_ONCE,
            timeout_graceful_shutdown=LAST_ANSWERS,
        )
    )


def listen(channel: Channel, pages: Pages, server: uvicorn.Server) -> None:
    """Obey the supervisor, in a thread of its own; die with it."""
    for message in channel.messages():
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
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    channel = Channel(socket.socket(fileno=int(sys.argv[1])))
    listener = socket.socket(fileno=int(sys.argv[3]))
    begin = channel.receive()
    if begin is None:
        return
    health, queue = (Probe(begin["dsn"], name=begin["name"]) for _ in range(2))
    pages = Pages(begin["node"], health, queue, begin["tally"])
    server = make_server(pages, channel)
    threading.Thread(target=listen, args=(channel, pages, server), daemon=True).start()
    server.run(sockets=[listener])


if __name__ == "__main__":
    main()
