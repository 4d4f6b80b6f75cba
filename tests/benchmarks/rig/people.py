"""People who look at an installation: roles that may see all sites, or some."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql


@contextmanager
def person(connection: psycopg.Connection[Any], sites: list[str] | None) -> Iterator[str]:
    """Give the name of a viewer of some sites, or of all.

    Transaction: a statement each, of its own.
    """
    name = "looks_at_all" if sites is None else f"looks_at_{'_'.join(sites)}"
    connection.execute(sql.SQL("create role {} login").format(sql.Identifier(name)))
    connection.execute("select pgdispatch.grant_role(%s, 'viewer', %s)", [name, sites])
    try:
        yield name
    finally:
        connection.execute(sql.SQL("drop owned by {}").format(sql.Identifier(name)))
        connection.execute(sql.SQL("drop role {}").format(sql.Identifier(name)))
