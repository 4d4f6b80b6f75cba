"""The address of a node's application servers: one socket, which all of them share."""

from __future__ import annotations

import errno
import re
import socket

from pgdispatch.errors import ConfigurationError, InvalidInputError, PgdispatchError

HINT = "choose another with --listen HOST:PORT; port 0 takes one that is free"


def open_listener(address: str) -> socket.socket:
    """Return a socket that listens on `address` (HOST:PORT; IPv6 in brackets; port 0: any).

    Connections wait in it until a process accepts them. Raises `InvalidInputError` for what is no
    address, `ConfigurationError` if it is not of this machine or not for this account, and
    `PgdispatchError` if it is taken, which may pass.
    """
    host, port = split_address(address)
    try:
        family, _, _, _, place = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.create_server((place[0], port), family=family, backlog=128)
    except (OSError, UnicodeError) as error:  # a name that cannot even be asked for
        passes = getattr(error, "errno", None) == errno.EADDRINUSE
        raise (PgdispatchError if passes else ConfigurationError)(
            f"cannot listen on {address}",
            detail=getattr(error, "strerror", None) or str(error),
            hint=HINT,
        ) from error
    listener.setblocking(False)
    return listener


def split_address(address: str) -> tuple[str, int]:
    """Return host and port of HOST:PORT. Raises `InvalidInputError` for anything else."""
    host, _, port = address.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        host = ""
    is_port = re.fullmatch("[0-9]{1,5}", port) is not None
    if not host or not is_port or int(port) > 65535:
        raise InvalidInputError(
            f"{address!r} is not an address to listen on",
            hint="use HOST:PORT, for example 127.0.0.1:8050, or 0.0.0.0:8050 for all networks",
        )
    return host, int(port)


def address_of(listener: socket.socket) -> str:
    """Return where a socket listens, as HOST:PORT, with the port that it really has."""
    host, port = listener.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
