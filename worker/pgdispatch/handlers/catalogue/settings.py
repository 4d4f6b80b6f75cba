"""Read what definitions refer to: storage, sources, mail; and how long files are kept."""

from __future__ import annotations

import os
from pathlib import Path

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from pgdispatch.delivery.mail import Mail, read_server
from pgdispatch.handlers.catalogue.definition import Housekeeping, Source
from pgdispatch.host.home import expanded
from pgdispatch.host.toml_table import Table


def read_storage(top: Table) -> Path | None:
    """Return the storage folder, or None."""
    table = top.table("storage")
    if table is None:
        return None
    folder = path_in(table, table.text("folder"))
    table.end()
    return folder


def read_source(name: str, table: Table) -> Source:
    """Return one source."""
    source = Source(name, table.optional_text("dsn"), table.optional_text("dsn_env"))
    if (source.dsn is None) == (source.dsn_env is None):
        table.refuse("dsn", "or dsn_env must be given, and not both")
    try:
        conninfo_to_dict(source.dsn or "")
    except ProgrammingError:  # its text may hold a password
        table.refuse("dsn", "is not a connection string", "for example: host=db1 dbname=flights")
    table.end()
    return source


def read_mail(top: Table) -> Mail | None:
    """Return the mail server, or None."""
    table = top.table("mail")
    if table is None:
        return None
    mail = read_server(table)
    table.end()
    return mail


def read_housekeeping(top: Table) -> Housekeeping:
    """Return how long files are kept."""
    table = top.table("housekeeping")
    if table is None:
        return Housekeeping()
    kept = Housekeeping(
        partials_for_hours=table.number("partials_for_hours", default=24, least=1) or 24,
        reports_for_days=table.number("reports_for_days", default=None),
    )
    table.end()
    return kept


def path_in(table: Table, text: str) -> Path:
    """Return the path that `text` means: relative ones start at the catalogue's folder."""
    return Path(os.path.abspath(table.path.parent / expanded(Path(text))))
