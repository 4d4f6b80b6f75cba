"""Compare what is in the schema with what the SQL files of the package make."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources.abc import Traversable

import psycopg
from psycopg import sql

from pgdispatch.database.session_settings import fix_transaction
from pgdispatch.schema.other_schema import LOCKS, OTHER_LOCKS, render
from pgdispatch.schema.release import Package

OWN_NAME = "pgdispatch"
SCRATCH_NAME = "pgdispatch_expected"
NOISE = re.compile(r"[()]| AS \w+")

Name = tuple[str, str]
Catalog = Mapping[Name, str]


@dataclass(frozen=True)
class Difference:
    """One object that is not as the package makes it; `wanted` or `found` None: not there."""

    kind: str
    name: str
    wanted: str | None
    found: str | None

    def __str__(self) -> str:
        """Say it in a few words."""
        state = "differs"
        if self.found is None:
            state = "is missing"
        elif self.wanted is None:
            state = "is not of this version"
        return f"{self.kind} {self.name} {state}"


def describe(connection: psycopg.Connection, query: Traversable, schema: str = OWN_NAME) -> Catalog:
    """Return the objects of a schema, by kind and name, with all that defines each.

    `query` is the file `sql/catalog.sql`.

    Transaction: joins the caller's, and fixes its settings: they show in definitions.
    """
    fix_transaction(connection)
    text = render(query.read_text(encoding="utf-8"), schema).replace(":schema", "%(schema)s")
    rows = connection.execute(sql.SQL(text), {"schema": schema}).fetchall()
    return {
        (kind, _own(name)): _plain(kind, _own(definition or "")) for kind, name, definition in rows
    }


def expected(connection: psycopg.Connection, package: Package, query: Traversable) -> Catalog:
    """Return what a fresh installation of `package` has, without touching the schema itself.

    It is made under another name and rolled back, which takes about a second and the right to
    create a schema.

    Transaction: one of its own, or a savepoint in the caller's, rolled back.
    """
    with connection.transaction(force_rollback=True):
        connection.execute("set local check_function_bodies = off")
        connection.execute("set local client_min_messages = error")
        for _, text in package.scripts:
            connection.execute(sql.SQL(render(text, SCRATCH_NAME)))
        return describe(connection, query, SCRATCH_NAME)


def differences(wanted: Catalog, found: Catalog) -> list[Difference]:
    """Return what differs between two catalogs, in order of kind and name.

    What others have granted to roles of their own is their affair.
    """
    roles = {_role(name) for kind, name in wanted if kind == "grant"} | {"public"}
    return [
        Difference(*name, wanted=wanted.get(name), found=found.get(name))
        for name in sorted({*wanted, *found})
        if wanted.get(name) != found.get(name) and (name[0] != "grant" or _role(name[1]) in roles)
    ]


def _role(grant: str) -> str:
    return grant.rpartition(" to ")[2]


def _own(text: str) -> str:
    return text.replace(SCRATCH_NAME, OWN_NAME).replace(OTHER_LOCKS, LOCKS)


def _plain(kind: str, definition: str) -> str:
    """Leave out what PostgreSQL writes otherwise after a dump and restore: parentheses, names."""
    if kind not in ("trigger", "view", "policy"):
        return definition
    return " ".join(NOISE.sub("", definition).split())
