"""Several measuring clients at once: started, let go together, and ended whatever happens."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from pgdispatch.bench.client import Order
from pgdispatch.bench.rates import middle_rate
from pgdispatch.errors import PgdispatchError

COMMAND = [sys.executable, "-m", "pgdispatch.bench.client"]
Client = subprocess.Popen[bytes]


def rate_of(orders: Sequence[Order]) -> float:
    """Let one client for each order work at the same time; return how many jobs a second.

    Raises `PgdispatchError` if a client ends early.
    """
    with _clients(orders) as clients:
        for client in clients:
            _hear(client)
        for client in clients:
            _tell(client, b"go\n")
        ends: list[list[float]] = [json.loads(_hear(client)) for client in clients]
    since = max((min(of_one) for of_one in ends if of_one), default=0.0)
    return middle_rate([end for of_one in ends for end in of_one], since=since)


@contextmanager
def _clients(orders: Sequence[Order]) -> Iterator[list[Client]]:
    clients: list[Client] = []
    try:
        for order in orders:
            clients.append(
                subprocess.Popen(
                    COMMAND,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    start_new_session=True,  # Ctrl-C is for the parent, which ends them
                )
            )
            _tell(clients[-1], order.to_line())
        yield clients
    finally:
        for client in clients:
            client.kill()
        for client in clients:
            client.communicate()


def _tell(client: Client, line: bytes) -> None:
    if client.stdin is not None:
        try:
            client.stdin.write(line)
            client.stdin.flush()
        except BrokenPipeError:
            raise _ended(client) from None


def _hear(client: Client) -> bytes:
    line = client.stdout.readline() if client.stdout is not None else b""
    if not line.endswith(b"\n"):
        raise _ended(client)
    return line


def _ended(client: Client) -> PgdispatchError:
    said = client.stderr.read().decode(errors="replace") if client.stderr is not None else ""
    last = said.strip().splitlines() or ["nothing"]
    return PgdispatchError("a measuring client ended early", detail=f"it said: {last[-1]}")
