"""Install the schema `pgdispatch` into a database, or bring it up to date in place.

The SQL files are the truth: tables and the rows that they always have, then functions, views and
roles. Older tables are changed by the numbered files of `sql/versions`. All of it happens in one
transaction, so a failed installation leaves nothing behind.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from importlib.resources.abc import Traversable

from pgdispatch.errors import SchemaMismatchError
from pgdispatch.schema import upgrade
from pgdispatch.schema.release import Package, read_steps
from pgdispatch.version import SQL, VERSION

logger = logging.getLogger("pgdispatch")

TABLES = (
    "schema_version",
    "setting",
    "site",
    "calendar",
    "calendar_day",
    "schedule",
    "closed_window",
    "job_type",
    "site_timeout",
    "site_type",
    "site_member",
    "charge",
    "deferral",
    "gate_notice",
    "pause",
    "task",
    "suspension",
    "occurrence",
    "linked_task",
    "linked_task_step",
    "linked_run",
    "node",
    "node_state",
    "watch",
    "backgrounder",
    "application_server",
    "generation",
    "due",
    "job",
    "job_history",
    "job_log",
    "attempt",
    "retry",
    "job_key",
    "change",
    "verdict",
    "run",
    "swept_job",
    "notice_rule",
    "notice",
    "notice_look",
    "forecast_state",
    "forecast_look",
    "forecast_job",
    "forecast_schedule",
    "forecast_load",
    "forecast_check",
    "contract",
    "contract_state",
    "contract_forecast",
    "token",
)
ROWS = (
    "setting",
    "job_type",
    "site",
    "site_type",
    "watch",
    "notice_look",
    "forecast_state",
    "forecast_look",
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
    "token_reader",
)


def sql_folder() -> Traversable:
    """Return the folder of SQL files: inside the package in a wheel, else in the checkout."""
    return SQL


def scripts() -> Iterator[tuple[str, str]]:
    """Yield name and text of every SQL file in the order in which they are applied."""
    folder = sql_folder()
    yield "schema.sql", (folder / "schema.sql").read_text(encoding="utf-8")
    for part, names in (
        ("tables", TABLES),
        ("rows", ROWS),
        ("functions", _names(folder / "functions")),
        ("views", _names(folder / "views")),
        ("roles", ROLES),
    ):
        for name in names:
            path = folder.joinpath(part, *f"{name}.sql".split("/"))
            yield f"{part}/{name}.sql", path.read_text(encoding="utf-8")


def package() -> Package:
    """Return what this version of the package brings along."""
    folder = sql_folder() / "versions"
    return Package(version=VERSION, scripts=tuple(scripts()), steps=read_steps(folder))


def digest() -> str:
    """Return the SHA-256 over all SQL files: what identifies a schema."""
    return package().digest


def install(
    dsn: str, options: upgrade.Options = upgrade.DEFAULT, *, _source: Package | None = None
) -> upgrade.Installation:
    """Install the schema into the database that `dsn` names, or bring it up to date.

    Installing the same version again changes nothing. Two installers at once wait for each
    other. While others hold locks that a change needs, it is tried again, a bounded number of
    times, and nobody ever waits behind it for longer than `upgrade.LOCK_WAIT`.
    `_source`: what to install, if not this package; for tests.

    Raises `SchemaMismatchError` for a server older than PostgreSQL 15 or a schema newer than the
    package, and `PgdispatchError` when the database user lacks a right, the locks were not to be
    had, or nodes have to be stopped first.

    Transaction: several, on connections of its own; the change itself is one.
    """
    return upgrade.Upgrade(dsn, _source or package(), catalog_query(), options).run()


def provide(dsn: str) -> None:
    """Install the schema or bring it up to date, as `install` does, before a node starts.

    A schema that is newer than this package is left as it is: whether it serves this package the
    node finds out by itself. So one that is started anew during an upgrade goes on.

    Transaction: as `install`.
    """
    try:
        install(dsn, upgrade.Options(say=logger.info))
    except SchemaMismatchError as error:
        logger.warning("nothing was installed: %s", error.message)


def catalog_query() -> Traversable:
    """Return the query that describes a schema."""
    return sql_folder() / "catalog.sql"


def _names(folder: Traversable, prefix: str = "") -> list[str]:
    names = [
        f"{prefix}{entry.name.removesuffix('.sql')}"
        for entry in folder.iterdir()
        if entry.name.endswith(".sql")
    ]
    for entry in folder.iterdir():
        if entry.is_dir():
            names += _names(entry, f"{prefix}{entry.name}/")
    return sorted(names, key=lambda name: (name.startswith("_"), name))  # _views select from others
