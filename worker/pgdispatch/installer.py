"""Install the schema `pgdispatch` into a database.

The SQL files are the truth: tables first, then functions, views and roles. All of it happens in
one transaction, so a failed installation leaves nothing behind.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import psycopg
from psycopg import sql

from pgdispatch.errors import PgdispatchError, SchemaMismatchError
from pgdispatch.version import VERSION

TABLES = (
    "schema_version",
    "setting",
    "site",
    "schedule",
    "job_type",
    "site_timeout",
    "site_member",
    "charge",
    "budget_notice",
    "deferral",
    "task",
    "suspension",
    "occurrence",
    "linked_task",
    "linked_task_step",
    "linked_run",
    "node",
    "watch",
    "backgrounder",
    "application_server",
    "generation",
    "job",
    "job_history",
    "verdict",
    "swept_job",
)
ROLES = (
    "public",
    "producer",
    "worker",
    "viewer",
    "operator",
    "site_viewer",
    "site_operator",
    "site_producer",
)
OLDEST_SERVER = 150000
INSTALL_LOCK = 1885824107


@dataclass(frozen=True)
class Installation:
    """What `install` found and did: the schema's digest, and whether anything was changed."""

    digest: str
    changed: bool


def sql_folder() -> Traversable:
    """Return the folder of SQL files: inside the package in a wheel, else in the checkout."""
    packaged = files("pgdispatch") / "sql"
    if packaged.is_dir():
        return packaged
    return Path(__file__).resolve().parents[2] / "sql"


def scripts() -> Iterator[tuple[str, str]]:
    """Yield name and text of every SQL file in the order in which they are applied."""
    folder = sql_folder()
    yield "schema.sql", (folder / "schema.sql").read_text(encoding="utf-8")
    for part, names in (
        ("tables", TABLES),
        ("functions", _names(folder / "functions")),
        ("views", _names(folder / "views")),
        ("roles", ROLES),
    ):
        for name in names:
            path = folder / part / f"{name}.sql"
            yield f"{part}/{name}.sql", path.read_text(encoding="utf-8")


def digest() -> str:
    """Return the SHA-256 over all SQL files: what identifies a schema."""
    total = hashlib.sha256()
    for name, text in scripts():
        total.update(f"{name}\n{text}\n".encode())
    return total.hexdigest()


def install(dsn: str) -> Installation:
    """Install the schema into the database that `dsn` names, or bring it up to date.

    Installing the same version again changes nothing. Two installers at once wait for each
    other. Raises `SchemaMismatchError` for a server older than PostgreSQL 15, and
    `PgdispatchError` when the database user lacks a right.

    Transaction: one of its own, on a connection of its own.
    """
    with psycopg.connect(dsn) as connection:
        return _install(connection)


def installed_digest(connection: psycopg.Connection) -> str | None:
    """Return the digest of the schema in the database, or None if there is none.

    Transaction: joins the caller's; commits nothing.
    """
    found = connection.execute("select to_regclass('pgdispatch.schema_version')").fetchone()
    if found is None or found[0] is None:
        return None
    row = connection.execute(
        "select digest from pgdispatch.schema_version order by installed_at desc limit 1"
    ).fetchone()
    return None if row is None else str(row[0])


def check_installed(connection: psycopg.Connection) -> None:
    """Raise `SchemaMismatchError` unless the schema installed is the one of this package.

    Transaction: joins the caller's; commits nothing.
    """
    installed = installed_digest(connection)
    if installed == digest():
        return
    what = "is not installed in this database" if installed is None else "is of another version"
    raise SchemaMismatchError(f"the schema pgdispatch {what}", hint="run: pgdispatch install")


def _install(connection: psycopg.Connection) -> Installation:
    if connection.info.server_version < OLDEST_SERVER:
        raise SchemaMismatchError(
            f"PostgreSQL {connection.info.server_version // 10000} is too old",
            hint="use PostgreSQL 15 or newer",
        )
    wanted = digest()
    connection.execute("select pg_advisory_xact_lock(%s)", [INSTALL_LOCK])
    if installed_digest(connection) == wanted:
        return Installation(digest=wanted, changed=False)
    connection.execute("set local check_function_bodies = off")
    connection.execute("set local client_min_messages = warning")
    for name, text in scripts():
        try:
            connection.execute(sql.SQL(text))
        except psycopg.errors.InsufficientPrivilege as error:
            raise PgdispatchError(
                f"this database user may not install pgdispatch: {error.diag.message_primary}",
                detail=f"while applying {name}",
                hint="install as the database's owner with the right to create roles",
            ) from error
    connection.execute("select pgdispatch.roll_history()")
    connection.execute(
        "insert into pgdispatch.schema_version (digest, package_version) values (%s, %s)",
        [wanted, VERSION],
    )
    return Installation(digest=wanted, changed=True)


def _names(folder: Traversable) -> list[str]:
    names = (
        entry.name.removesuffix(".sql") for entry in folder.iterdir() if entry.name.endswith(".sql")
    )
    return sorted(names, key=lambda name: (name.startswith("_"), name))  # _views select from others
