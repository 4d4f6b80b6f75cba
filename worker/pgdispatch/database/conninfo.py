"""Connection strings as libpq reads them, for both drivers.

What a service, a password file and libpq's variables add to a string, libpq alone knows. asyncpg
reads some of these itself, and differently; psycopg takes PGHOST for the host of a service. So
libpq is asked, and both drivers are told the whole answer.
"""

from __future__ import annotations

import os
import ssl
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.pq import PGconn, abc

from pgdispatch.errors import ConnectionStringError
from pgdispatch.host.home import is_nameless

# No value of any option: libpq reads the string, the service, the variables and the password file,
# meets this, and does not connect.
STOP = "pgdispatch-asks"
ATTRIBUTES = ("any", "primary", "standby", "prefer-standby", "read-write", "read-only")
HIGHEST_PORT = 65535
USUAL_PORT = "5432"  # that of an empty place in a list of ports: an older libpq does not say
HINT = "this process's account has no name: name a user in the connection string or in PGUSER"
Options = dict[str, str]


@dataclass(frozen=True)
class Place:
    """One server to try. `address`: where to connect, if not where `host` says. No password: ''."""

    host: str
    address: str
    port: int
    password: str


def resolve(dsn: str) -> Options:
    """Return every option of the connection string `dsn` that has a value, as libpq takes it.

    The string counts before the service, that before the variables, these before the defaults;
    no `service` is left. Raises `ConnectionStringError` for what libpq refuses.
    """
    found = _options(_ask(dsn, "target_session_attrs"))
    found["target_session_attrs"] = _options(_ask(dsn, "gssencmode"))["target_session_attrs"]
    found.pop("service", None)
    _check(found)
    if found.get("sslrootcert") == "system":
        _point_at_system_roots()
    return found


def places(options: Options) -> list[Place]:
    """Return the servers that resolved `options` name, in their order."""
    hosts, addresses, ports = (options.get(n, "").split(",") for n in ("host", "hostaddr", "port"))
    count = max(len(hosts), len(addresses))
    return [
        _place(options, *(values[number % len(values)] for values in (hosts, addresses, ports)))
        for number in range(count)
    ]


def timeout(options: Options, otherwise: int) -> int:
    """Return how many seconds connecting to one server may take; psycopg takes 2 for 1."""
    given = int(options.get("connect_timeout") or 0)
    return max(given, 2) if given > 0 else otherwise


def connect(dsn: str, *, patience: int = 0, **options: Any) -> psycopg.Connection[Any]:
    """Return a psycopg connection to where libpq says; `options` go to `psycopg.connect`.

    `patience`: the seconds for one server if the string says nothing; 0: what psycopg does.
    Raises `ConnectionStringError` before it connects.
    """
    found = resolve(dsn)
    seconds = timeout(found, patience)
    given: dict[str, Any] = {**found, "connect_timeout": seconds, **options}
    return psycopg.connect(**given)


def _place(options: Options, host: str, address: str, port: str) -> Place:
    told = {"host": host, "hostaddr": address, "port": port or USUAL_PORT}
    one = make_conninfo("", **{**options, **told})
    asked = _ask(one, "target_session_attrs")  # it looks into the password file for one host
    named = host or ("" if address else asked.host.decode())  # libpq names an address a host, too
    return Place(named, address, int(asked.port), password=asked.password.decode())


def _ask(dsn: str, stop_at: str) -> abc.PGconn:
    try:
        text = make_conninfo(dsn, **{stop_at: STOP})
    except psycopg.ProgrammingError:  # which may repeat a password
        raise ConnectionStringError(
            "libpq cannot read the connection string",
            hint="write 'host=… dbname=… user=…' or postgresql://user@host/dbname",
        ) from None
    asked = PGconn.connect_start(text.encode())
    answer = asked.error_message.decode(errors="replace").strip()
    if STOP not in answer:
        raise ConnectionStringError(
            answer.partition("\n")[0], hint=HINT if is_nameless() else "see: pgdispatch dsn --help"
        )
    return asked


def _options(asked: abc.PGconn) -> Options:
    return {each.keyword.decode(): each.val.decode() for each in asked.info if each.val is not None}


def _check(options: Options) -> None:
    """Refuse at once what libpq itself refuses only while it connects."""
    ports = options.get("port", "").split(",")
    for port in ports:
        if port and not (port.isdecimal() and 0 < int(port) <= HIGHEST_PORT):
            raise ConnectionStringError(f'invalid port number: "{port}"')
    seconds = options.get("connect_timeout", "")
    if seconds and not seconds.strip().lstrip("+-").isdecimal():
        raise ConnectionStringError(f'invalid integer value "{seconds}" for connect_timeout')
    attributes = options["target_session_attrs"]
    if attributes not in ATTRIBUTES:
        raise ConnectionStringError(f'invalid target_session_attrs value: "{attributes}"')


def _point_at_system_roots() -> None:
    """Let libpq find the system's certificates: psycopg's wheel looks where there are none."""
    if psycopg.pq.__impl__ == "binary" and "SSL_CERT_FILE" not in os.environ:
        paths = ssl.get_default_verify_paths()
        for name, path in (("SSL_CERT_FILE", paths.cafile), ("SSL_CERT_DIR", paths.capath)):
            if path is not None:
                os.environ.setdefault(name, path)
