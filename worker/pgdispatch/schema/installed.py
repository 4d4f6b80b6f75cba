"""What is installed in a database, whether it serves this package, and who uses it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import psycopg
from psycopg import sql

from pgdispatch.database import statements
from pgdispatch.errors import SchemaMismatchError
from pgdispatch.schema.release import LEVEL, Package
from pgdispatch.version import VERSION, how_to_get, noted


@dataclass(frozen=True)
class Installed:
    """What `schema_version` says: of its rows of the greatest step, the newest.

    `overwritten_by`: the version of an older package that was installed over it, by releases that
    did not look; None: there is none.
    """

    digest: str
    version: str
    step: int
    level: int
    oldest_level: int
    overwritten_by: str | None = None

    def is_of(self, package: Package) -> bool:
        """Whether it is what `package` installs."""
        return self.overwritten_by is None and (
            (self.digest, self.step, self.level, self.oldest_level)
            == (package.digest, package.newest_step, package.level, package.oldest_level)
        )


def installed(connection: psycopg.Connection) -> Installed | None:
    """Return what is installed, or None if there is nothing.

    Transaction: joins the caller's; commits nothing.
    """
    found = connection.execute(statements.VERSION_COLUMNS).fetchall()
    if not found:
        return None
    is_first = "step" not in {name for (name,) in found}
    query = statements.INSTALLED_FIRST if is_first else statements.INSTALLED_ALL
    row = connection.execute(query).fetchone()
    if row is None:
        return None
    digest, version, step, *rest = row
    return Installed(digest, noted(version, step), step, *rest)


def check_installed(connection: psycopg.Connection) -> None:
    """Raise `SchemaMismatchError` unless the schema installed serves this package.

    Transaction: joins the caller's; commits nothing.
    """
    found = installed(connection)
    if found is None:
        raise SchemaMismatchError(
            "the schema pgdispatch is not installed in this database",
            hint="run: pgdispatch install",
        )
    check_level(found.level, found.oldest_level, found.version)


def check_level(level: int, oldest_level: int, version: str) -> None:
    """Raise `SchemaMismatchError` unless a schema of `level` serves this package.

    `version` is that of the package that installed it.

    Level 0: an upgrade has told all nodes to stop, and has not ended.
    """
    if level == 0:
        raise SchemaMismatchError(
            "the schema pgdispatch is being upgraded",
            hint="wait for pgdispatch install, or run it again if it was broken off; "
            "then start the version that it has installed",
        )
    if level < LEVEL:
        raise SchemaMismatchError(
            "the schema pgdispatch is older than this version",
            detail=f"it is of {version} and serves level {oldest_level} to {level}; "
            f"this is {VERSION}, level {LEVEL}",
            hint="run: pgdispatch install",
        )
    if oldest_level > LEVEL:
        raise SchemaMismatchError(
            "the schema pgdispatch is too new for this version",
            detail=f"it is of {version} and serves level {oldest_level} to {level}; "
            f"this is {VERSION}, level {LEVEL}",
            hint=how_to_get(version),
        )


def take_rights_away(connection: psycopg.Connection, roles: Collection[str]) -> None:
    """Take all rights in the schema from our roles; their pages, applied later, give them anew.

    Transaction: joins the caller's, so that nobody sees them without.
    """
    for (role,) in connection.execute(statements.ROLES, [list(roles)]).fetchall():
        for what in ("schema", "all tables in schema", "all sequences in schema",
                     "all functions in schema"):  # fmt: skip
            connection.execute(
                sql.SQL(f"revoke all on {what} pgdispatch from {{}}").format(sql.Identifier(role))
            )


def live_nodes(connection: psycopg.Connection) -> list[str]:
    """Return the nodes whose supervisor has been heard of within the lease.

    Transaction: one of its own.
    """
    rows = connection.execute(statements.LIVE_NODES).fetchall()
    connection.rollback()
    return [name for (name,) in rows]


def blockers(connection: psycopg.Connection) -> list[str]:
    """Return in words who has held locks on our tables for longest.

    Transaction: one of its own.
    """
    rows = connection.execute(statements.BLOCKERS).fetchall()
    connection.rollback()
    return [name for (name,) in rows]
