"""Look for what hurts: a schema that is not the package's, lost nodes, old snapshots, bloat.

Most of what it asks is in `sql/checks`, one query a file, each of which returns what is wrong, the
evidence, and what to do; they can be run in psql as well. It changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import psycopg
from psycopg import sql

from pgdispatch.database import statements
from pgdispatch.database.session_settings import fix_transaction, lift_limits_locally
from pgdispatch.schema import catalog, installer
from pgdispatch.schema.catalog import Catalog, Difference
from pgdispatch.schema.installed import Installed, installed
from pgdispatch.version import how_to_get

AGAIN = "run: pgdispatch install --again"
DRIFT = "drift"
SHOWN = 90
NOT_HERE = (
    psycopg.errors.InsufficientPrivilege,
    psycopg.errors.ReadOnlySqlTransaction,  # on a standby
    psycopg.errors.UndefinedColumn,  # in a schema of another version
    psycopg.errors.UndefinedFunction,
    psycopg.errors.UndefinedTable,
)


@dataclass(frozen=True)
class Finding:
    """Something that hurts: which check found it, what is wrong, how it shows, what to do."""

    check: str
    problem: str
    evidence: str
    advice: str


@dataclass
class Examination:
    """What was found, and which checks were not made, with the reason."""

    findings: list[Finding] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)


def examine(
    connection: psycopg.Connection, *, patience: float = 300.0, wanted: Catalog | None = None
) -> Examination:
    """Make all checks. Transactions are old when they are open for `patience` seconds.

    A check that this database user may not make is skipped. `wanted`: what the schema should be,
    if that is known already.

    Transaction: one for each check, rolled back.
    """
    made = Examination()
    before = installed(connection)
    connection.rollback()
    if before is None:
        made.findings.append(
            Finding(
                "schema",
                "the schema pgdispatch is not installed",
                "there is no table pgdispatch.schema_version in this database",
                "run: pgdispatch install, or name another database with --dsn",
            )
        )
        return made
    with _skipping(made, connection, "schema"):
        made.findings += schema_findings(connection, before, wanted)
    for name, text in queries():
        with _skipping(made, connection, name):
            made.findings += ask(connection, name, text, patience)
    with _skipping(made, connection, "seeing other sessions"):
        _check_sight(connection)
    return made


def queries() -> Iterator[tuple[str, str]]:
    """Yield name and text of the queries of `sql/checks`, in order."""
    folder = installer.sql_folder() / "checks"
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith(".sql"):
            name = entry.name.removesuffix(".sql").partition("_")[2].replace("_", " ")
            yield name, entry.read_text(encoding="utf-8")


def ask(connection: psycopg.Connection, name: str, text: str, patience: float) -> list[Finding]:
    """Make one check by its query.

    Transaction: joins the caller's.
    """
    span = sql.Literal(f"{patience} seconds").as_string(connection)
    fix_transaction(connection)
    rows = connection.execute(sql.SQL(text.replace(":patience", span))).fetchall()
    return [Finding(name, *row) for row in rows]


def schema_findings(
    connection: psycopg.Connection, before: Installed, wanted: Catalog | None = None
) -> Iterator[Finding]:
    """Yield what differs between the schema and this package.

    Transaction: its own, rolled back: the package's schema is made beside it under another name.
    """
    package = installer.package()
    if before.overwritten_by is not None:
        yield Finding(
            "schema",
            f"version {before.overwritten_by} was installed over version {before.version}",
            f"the tables are at step {before.step}, functions and views are of the older package",
            "run: pgdispatch install of the newer package, and take the older one away",
        )
        return
    if not before.is_of(package):
        yield Finding(
            "schema",
            "the schema is of another version than this package",
            f"installed: {before.version} ({before.digest[:12]}), step {before.step}; "
            f"package: {package.version} ({package.digest[:12]}), step {package.newest_step}",
            "run: pgdispatch install --dry-run, then pgdispatch install; if the schema is the "
            f"newer one, {how_to_get(before.version)}",
        )
        return
    query = installer.catalog_query()
    wanted = wanted or catalog.expected(connection, package, query)
    found = catalog.describe(connection, query)
    connection.rollback()
    differences = catalog.differences(wanted, found)
    absent = {f"{one.kind} {one.name}" for one in differences if None in (one.wanted, one.found)}
    for difference in differences:
        if not absent & set(_owners(difference)):
            yield finding_of(difference)


def finding_of(difference: Difference) -> Finding:
    """Return what a difference means, and how to mend it."""
    if difference.kind == "grant":
        check = "missing grants" if difference.found is None else "grants"
        evidence = (
            f"should be: {difference.wanted or 'nothing'}; is: {difference.found or 'nothing'}"
        )
        return Finding(check, str(difference), evidence, AGAIN)
    return Finding(DRIFT, str(difference), _change(difference), _mend(difference))


def _owners(difference: Difference) -> Iterator[str]:
    """Yield the objects that a comment, a right, or a part of a table stands or falls with."""
    kind, name = difference.kind, difference.name
    if kind in ("comment", "grant"):
        name = name.rpartition(" to ")[0] if kind == "grant" else name
        yield name
        kind, _, name = name.partition(" ")
    if "." in name:
        yield from (f"{owner} {name.partition('.')[0]}" for owner in ("table", "view", "type"))


def _mend(difference: Difference) -> str:
    kind, name, wanted = difference.kind, difference.name, difference.wanted
    if kind in ("function", "view", "trigger") or (kind == "row" and wanted is not None):
        return AGAIN
    if kind == "index" and difference.found is None:
        return f"{wanted}"
    if wanted is None:
        return (
            f"nothing of pgdispatch uses {kind} {name}; "
            "if it is yours, keep it in a schema of your own"
        )
    return f"put it back as sql/tables of this version has it: {wanted}"


def _change(difference: Difference) -> str:
    """Show the first place where the two differ."""
    wanted, found = difference.wanted, difference.found
    if wanted is None or found is None:
        return _short(wanted or found or "")
    pairs = zip(wanted.splitlines(), found.splitlines(), strict=False)
    for number, (ours, theirs) in enumerate(pairs, 1):
        if ours != theirs:
            return f"line {number} should be {_short(ours)!r}, is {_short(theirs)!r}"
    return f"should have {len(wanted)} characters, has {len(found)}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= SHOWN else f"{line[: SHOWN - 1]}…"


@contextmanager
def _skipping(made: Examination, connection: psycopg.Connection, name: str) -> Iterator[None]:
    """Note a check as skipped when it may not be made here; end its transaction in any case."""
    try:
        lift_limits_locally(connection)
        yield
    except psycopg.Error as error:
        if not isinstance(error, NOT_HERE) and not (error.sqlstate or "").startswith("JD"):
            raise
        made.skipped[name] = error.diag.message_primary or str(error)
    finally:
        connection.rollback()


def _check_sight(connection: psycopg.Connection) -> None:
    row = connection.execute(statements.SEES_ALL).fetchone()
    if row != (True,):
        raise psycopg.errors.InsufficientPrivilege(
            "grant pg_monitor to see other users' sessions, and standbys"
        )
