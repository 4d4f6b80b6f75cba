"""One measuring client, a process of its own: it works until nothing is left, and says when.

It is told on standard input what to do, as one line of JSON; it answers `ready`, waits for another
line, works, and writes the instants at which each job ended. It ends when its parent does.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import psycopg

from pgdispatch.bench import bench_sql
from pgdispatch.database import session_settings

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class Order:
    """What a client is told. `kind`: `plain` for the limit, `drain` for real claims."""

    dsn: str
    schema: str
    kind: str
    backgrounder: str
    types: tuple[str, ...]

    def to_line(self) -> bytes:
        """Return it as a line for the client's standard input."""
        return json.dumps(asdict(self)).encode() + b"\n"


def plain(cursor: psycopg.RawCursor[Any], order: Order) -> Iterator[float]:
    """Claim and delete plain rows, and yield when each was gone.

    Transaction: two for each row.
    """
    claim = bench_sql.PLAIN_CLAIM.format(schema=order.schema).encode()
    delete = bench_sql.PLAIN_DELETE.format(schema=order.schema).encode()
    while (row := cursor.execute(claim).fetchone()) is not None:
        cursor.execute(delete, row)
        yield time.time()


def drain(cursor: psycopg.RawCursor[Any], order: Order) -> Iterator[float]:
    """Claim, then finish and claim, and yield when each job had ended.

    Transaction: one for each job.
    """
    claim = bench_sql.CLAIM.format(schema=order.schema).encode()
    finish = bench_sql.FINISH.format(schema=order.schema).encode()
    types = list(order.types)
    asked = [order.backgrounder, types]
    row = cursor.execute(claim, asked).fetchone()
    while row is not None:
        if row[0] == "again":
            row = cursor.execute(claim, asked).fetchone()
            continue
        row = cursor.execute(finish, [row[1], row[2], types]).fetchone()
        yield time.time()


KINDS = {"plain": plain, "drain": drain}


def main() -> None:
    """Obey one order."""
    given = json.loads(sys.stdin.buffer.readline())
    order = Order(**{**given, "types": tuple(given["types"])})
    with session_settings.connect(order.dsn, autocommit=True, prepare_threshold=0) as connection:
        cursor = psycopg.RawCursor(connection)
        _say("ready")
        if not sys.stdin.buffer.readline():
            return
        threading.Thread(target=_end_with_parent, daemon=True).start()
        _say(list(KINDS[order.kind](cursor, order)))


def _say(what: Any) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def _end_with_parent() -> None:
    if not sys.stdin.buffer.read(1):
        os._exit(1)


if __name__ == "__main__":
    main()
