"""Which database a command works on, and the connection to it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click
import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from sqlalchemy import Connection, NullPool, create_engine, func, select
from sqlalchemy.exc import DBAPIError

from pgdispatch.embedded import default_data_folder
from pgdispatch.embedded.order import SUPERUSER
from pgdispatch.errors import NoDatabaseError
from pgdispatch.installer import check_installed
from pgdispatch_cli.options import GIVEN_DSN

LIBPQ = {
    "PGSERVICE": "service",
    "PGHOST": "host",
    "PGHOSTADDR": "hostaddr",
    "PGPORT": "port",
    "PGDATABASE": "dbname",
    "PGUSER": "user",
}
UP_DATABASE = "pgdispatch"  # as in pgdispatch.up, whose import would start slowly
SECRETS = ("password", "sslpassword", "oauth_client_secret")


@dataclass(frozen=True)
class Target:
    """A libpq connection string, and where it came from."""

    dsn: str
    source: str

    def shown(self) -> str:
        """Return the connection string with its secrets hidden."""
        parts = {name: str(value) for name, value in conninfo_to_dict(self.dsn).items()}
        hidden = {name: "***" for name in SECRETS if name in parts}
        return make_conninfo("", **{**parts, **hidden})


def target() -> Target:
    """Return the database that the command line, the environment or a running `up` names.

    Raises `NoDatabaseError` if none does, `click.UsageError` for what libpq cannot read.
    """
    given = click.get_current_context().meta.get(GIVEN_DSN)
    found = find_target(given, os.environ) or embedded_target(default_data_folder())
    if found is None:
        raise NoDatabaseError(
            "no database is configured",
            hint="pass --dsn or set PGDISPATCH_DSN; or start one of your own: pgdispatch up",
        )
    return found


def find_target(given: str | None, environment: Mapping[str, str]) -> Target | None:
    """Return what --dsn says, else PGDISPATCH_DSN, else libpq's own variables, else None."""
    for dsn, source in ((given, "--dsn"), (environment.get("PGDISPATCH_DSN"), "PGDISPATCH_DSN")):
        if dsn:
            return Target(readable(dsn, source), source)
    named = {name: environment[name] for name in LIBPQ if environment.get(name)}
    if not named:
        return None
    dsn = make_conninfo("", **{LIBPQ[name]: value for name, value in named.items()})
    return Target(dsn, ", ".join(named))


def readable(dsn: str, source: str) -> str:
    """Return `dsn` if libpq can read it; the refusal does not repeat what may be a password."""
    try:
        conninfo_to_dict(dsn)
    except psycopg.ProgrammingError:
        raise click.UsageError(
            f"{source} is not a connection string: write it as 'host=… dbname=… user=…'"
            " or postgresql://user@host/dbname"
        ) from None
    return dsn


def embedded_target(data_folder: Path) -> Target | None:
    """Return the server that `pgdispatch up` is running in `data_folder`, if it is."""
    try:
        lines = (data_folder / "pgdata" / "postmaster.pid").read_text().splitlines()
        pid, port, socket = int(lines[0]), lines[3].strip(), lines[4].strip()
        os.kill(pid, 0)
    except PermissionError:
        return None
    except (OSError, ValueError, IndexError):
        return None  # no such file, half written, or left behind by a crash
    dsn = make_conninfo("", host=socket, port=port, dbname=UP_DATABASE, user=SUPERUSER)
    return Target(dsn, f"pgdispatch up in {data_folder}")


@contextmanager
def database(*, checked: bool = True) -> Iterator[Connection]:
    """Open a connection to the target; commit at the end, roll back on an error.

    `checked` refuses a schema of another version (`SchemaMismatchError`), as far as this user may
    look at all.

    Transaction: on a connection of its own; a command may commit in between.
    """
    dsn = target().dsn
    engine = create_engine(
        "postgresql+psycopg://",
        creator=lambda: connect(dsn, checked=checked),
        poolclass=NullPool,
        use_native_hstore=False,
    )
    with engine.connect() as connection:
        use_local_zone(connection)
        yield connection
        connection.commit()


def connect(dsn: str, *, checked: bool) -> psycopg.Connection:
    """Return a psycopg connection to `dsn`, outside of a transaction."""
    connection = psycopg.connect(
        dsn,
        client_encoding="UTF8",
        fallback_application_name="pgdispatch",
        prepare_threshold=None,  # poolers hand the connection on
    )
    try:
        if checked:
            check_installed(connection)
    except psycopg.errors.InsufficientPrivilege:
        pass  # a producer may insert but not look: what does not fit shows when it is used
    except BaseException:
        connection.close()
        raise
    connection.rollback()
    return connection


def use_local_zone(connection: Connection) -> None:
    """Let the database write out times in this machine's zone, if both know it by one name.

    Transaction: joins the caller's, and lasts as long.
    """
    zone = local_zone(os.environ, Path("/etc/localtime"))
    if zone is not None:
        with suppress(DBAPIError), connection.begin_nested():
            connection.execute(select(func.set_config("TimeZone", zone, True)))


def local_zone(environment: Mapping[str, str], localtime: Path) -> str | None:
    """Return the IANA name of this machine's time zone; None if it is not known."""
    name = environment.get("TZ", "").removeprefix(":")
    name = name or str(localtime.resolve()).partition("zoneinfo/")[2]
    try:
        return ZoneInfo(name).key if name else None
    except (ValueError, OSError, ZoneInfoNotFoundError):
        return None
