"""Which database a command works on.

Nothing here needs SQLAlchemy, which would make a worker slow to start; see `transaction` for
the rest.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import click
import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from pgdispatch.errors import NoDatabaseError
from pgdispatch_cli.options import GIVEN_DSN

LIBPQ = {
    "PGSERVICE": "service",
    "PGHOST": "host",
    "PGHOSTADDR": "hostaddr",
    "PGPORT": "port",
    "PGDATABASE": "dbname",
    "PGUSER": "user",
}
UP_DATABASE = UP_USER = "pgdispatch"  # as `up` has them, whose import would start slowly
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
    found = find_target(given, os.environ)
    if found is None:
        found = own_target()
    if found is None:
        raise NoDatabaseError(
            "no database is configured",
            hint="pass --dsn or set PGDISPATCH_DSN; or start one of your own: pgdispatch up",
        )
    return found


def find_target(given: str | None, environment: Mapping[str, str]) -> Target | None:
    """Return what --dsn says, else PGDISPATCH_DSN, else libpq's own variables, else None.

    Where a service is among these it counts before the others, which libpq adds by itself.
    """
    for dsn, source in ((given, "--dsn"), (environment.get("PGDISPATCH_DSN"), "PGDISPATCH_DSN")):
        if dsn:
            return Target(readable(dsn, source), source)
    named = {name: environment[name] for name in LIBPQ if environment.get(name)}
    if not named:
        return None
    told = {"PGSERVICE": named["PGSERVICE"]} if "PGSERVICE" in named else named
    dsn = make_conninfo("", **{LIBPQ[name]: value for name, value in told.items()})
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


def own_target() -> Target | None:
    """Return the server that `pgdispatch up` is running in the own data folder of this user."""
    from pgdispatch.embedded import (  # noqa: PLC0415  # not where the database is named
        EmbeddedServerError,
        default_data_folder,
    )

    try:
        return embedded_target(default_data_folder())
    except EmbeddedServerError:  # no home: nobody has started one there
        return None


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
    dsn = make_conninfo("", host=socket, port=port, dbname=UP_DATABASE, user=UP_USER)
    return Target(dsn, f"pgdispatch up in {data_folder}")
