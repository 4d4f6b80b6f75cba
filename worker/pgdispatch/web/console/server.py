"""The process of `pgdispatch web`: serves the console until a signal ends it."""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable

import uvicorn

from pgdispatch.node.listener import address_of, open_listener
from pgdispatch.web.console.application import Console, make_console
from pgdispatch.web.console.options import ConsoleOptions
from pgdispatch.web.http_connection import BACKLOG, Connection, bounds

logger = logging.getLogger("pgdispatch")

LAST_ANSWERS = 3  # seconds for those that are asked when it ends
AT_ONCE = 64  # requests
HEAD = 16 * 1024  # bytes


def tell_log(address: str) -> None:
    """Say in the log where the console is."""
    logger.info("the console is at %s", address)


def serve(options: ConsoleOptions, tell: Callable[[str], None] = tell_log) -> int:
    """Serve the console until SIGTERM or Ctrl-C; return the exit status.

    `tell` gets the address for people as soon as it listens. Raises `ConfigurationError` for what
    cannot be served safely, `PgdispatchError` if the address is taken.
    """
    options.check()
    listener = open_listener(options.listen)
    console = make_console(options, f"http://{address_of(listener)}{options.base_path}")
    tell(console.access.entrance())
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _nothing)  # what uvicorn does with it is all
    make_server(console).run(sockets=[listener])
    return 0


def make_server(console: Console) -> uvicorn.Server:
    """Return a server of the console, which ends at SIGTERM and SIGINT."""
    Connection.most = bounds().most
    return uvicorn.Server(
        uvicorn.Config(
            console.application(),
            loop="asyncio",
            http=Connection,
            ws="none",
            lifespan="on",
            log_config=None,
            log_level="error",
            access_log=False,
            server_header=False,
            proxy_headers=False,  # whom to believe is for the guard to say
            limit_concurrency=AT_ONCE,
            h11_max_incomplete_event_size=HEAD,
            backlog=BACKLOG,
            timeout_graceful_shutdown=LAST_ANSWERS,
        )
    )


def _nothing(_: int, __: object) -> None:
    """Take a signal again, which uvicorn sends itself when it has ended."""
