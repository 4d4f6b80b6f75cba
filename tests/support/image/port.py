"""A port on loopback that leads to a test's server, for programs that cannot reach its socket."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from psycopg.conninfo import conninfo_to_dict, make_conninfo


@contextmanager
def loopback(dsn: str) -> Iterator[str]:
    """Give a DSN on 127.0.0.1 for the database that `dsn` names by the folder of its socket."""
    named = conninfo_to_dict(dsn)
    target = f"{named['host']}/.s.PGSQL.{named['port']}"
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=accept, args=(listener, target), daemon=True).start()
        port = listener.getsockname()[1]
        try:
            yield make_conninfo(dsn, host="127.0.0.1", port=port)
        finally:
            listener.shutdown(socket.SHUT_RDWR)


def accept(listener: socket.socket, target: str) -> None:
    """Lead each connection to the server until the listener is shut down."""
    with suppress(OSError):
        while True:
            near, _ = listener.accept()
            far = socket.socket(socket.AF_UNIX)
            far.connect(target)
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=pump, args=(source, sink), daemon=True).start()


def pump(source: socket.socket, sink: socket.socket) -> None:
    """Pass on bytes until one side has ended, then end the other."""
    with suppress(OSError):
        while block := source.recv(65536):
            sink.sendall(block)
    for end in (source, sink):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


def free_port() -> int:
    """Return a port on loopback that nothing listens on at the moment."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])
