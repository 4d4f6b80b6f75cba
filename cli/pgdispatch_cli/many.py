"""Verbs for one, several or all that fit a filter: those are looked at first, and bounded."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import click
import psycopg
from sqlalchemy import (
    BigInteger,
    Boolean,
    Connection,
    DateTime,
    Executable,
    Integer,
    Text,
    column,
    func,
    literal,
    select,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeEngine

from pgdispatch.errors import PgdispatchError
from pgdispatch_cli.failure import explain
from pgdispatch_cli.filtering import KINDS, check_known
from pgdispatch_cli.output import Column, Row, write_done, write_json, write_table
from pgdispatch_cli.reading import Rows
from pgdispatch_cli.stderr import write_error, write_remark, write_warning
from pgdispatch_cli.transaction import database

AnyCommand = Callable[..., Any]
Decorator = Callable[[AnyCommand], AnyCommand]

AT_ONCE = 1000  # as the SQL functions have it
SHOWN = 10


@dataclass(frozen=True)
class Finder:
    """An SQL function that finds what fits: its parameters in order, and what a row of it has.

    `history` is where names that are no more are looked for. `meant` is the field with how many of
    all that fit are not refused; those come first.
    """

    name: str
    noun: str
    parameters: Mapping[str, type[TypeEngine[Any]]]
    fields: Sequence[str]
    columns: Sequence[Column]
    history: str
    meant: str = "found"


QUEUED = Finder(
    "find_queued",
    "job",
    {"site": Text, "type": Text, "schedule": Text, "task": BigInteger, "title": Text,
     "datasource": Text, "node": Text, "state": Text, "priority_not": Integer, "limit": Integer},
    ("job", "type", "site", "title", "schedule", "task", "priority", "state", "backgrounder",
     "created_at", "found"),
    (
        Column("job", "job"),
        Column("type", "type", drop=3, least=8),
        Column("site", "site", drop=4, least=6),
        Column("title", "title", drop=1, least=10),
        Column("priority", "prio"),
        Column("state", "state"),
        Column("backgrounder", "backgrounder", drop=2, least=12, keeps=":"),
    ),
    "job",
)  # fmt: skip
ENDED = Finder(
    "find_ended",
    "job",
    {"outcome": Text, "failed_as": Text, "since": DateTime, "until": DateTime, "site": Text,
     "type": Text, "schedule": Text, "task": BigInteger, "title": Text, "error": Text,
     "datasource": Text, "limit": Integer},
    ("job", "type", "site", "title", "schedule", "task", "outcome", "failed_as", "error",
     "ended_at", "linked_task", "step", "refused", "found", "to_retry"),
    (
        Column("job", "job"),
        Column("type", "type", drop=4, least=8),
        Column("site", "site", drop=5, least=6),
        Column("title", "title", drop=2, least=10),
        Column("ended_at", "ended", drop=6),
        Column("error", "error", drop=3, least=16),
        Column("refused", "passed over", drop=1, least=18),
    ),
    "job_history",
    "to_retry",
)  # fmt: skip
TASKS = Finder(
    "find_tasks",
    "task",
    {"site": Text, "type": Text, "schedule": Text, "title": Text, "datasource": Text,
     "is_enabled": Boolean, "is_suspended": Boolean, "limit": Integer},
    ("task", "type", "site", "title", "schedule", "is_enabled", "suspended_at", "found"),
    (
        Column("task", "task"),
        Column("type", "type", drop=3, least=8),
        Column("site", "site", drop=4, least=6),
        Column("title", "title", drop=1, least=10),
        Column("schedule", "schedule", drop=2, least=8),
        Column("is_enabled", "enabled", drop=6),
        Column("suspended_at", "suspended", drop=5),
    ),
    "task",
)  # fmt: skip


@dataclass(frozen=True)
class Verb:
    """What is done to each.

    `act` is its statement. Given the number and the answer of that, `done` says what came of it,
    and `made` has the numbers and names. `would` says, after a number of them, what would become of
    those that were found. `warn` returns what to warn of before it is done to them, with a hint.
    """

    finder: Finder
    act: Callable[[int], Executable]
    done: Callable[[int, Any], str]
    made: Callable[[int, Any], Row]
    would: str
    warn: Callable[[Sequence[Row]], tuple[str, str] | None] = lambda _: None


def filter_options(*more: Decorator) -> Decorator:
    """Add options that say what is meant: those that all verbs have, `more`, and --yes."""
    options: tuple[Decorator, ...] = (
        click.option("--site", help="All of this site."),
        click.option("--type", metavar="TYPE", help="All of this type."),
        click.option("--schedule", help="All of this schedule."),
        click.option("--title", metavar="TEXT", help="All with this text in their title."),
        click.option("--datasource", metavar="NAME", help="All of this datasource."),
        *more,
        click.option("--yes", is_flag=True, help="Do it to all that fit, 1000 at most."),
    )

    def add(command: AnyCommand) -> AnyCommand:
        for option in reversed(options):
            command = option(command)
        return command

    return add


def do(
    verb: Verb,
    numbers: Sequence[int],
    filters: Mapping[str, Any],
    *,
    fixed: Mapping[str, Any] | None = None,
    yes: bool,
    as_json: bool,
) -> int:
    """Do a verb to those named, or to those that fit all `filters`; return the exit status.

    Of those that fit, without `yes`, it shows how many there are and the first ten, and changes
    nothing. `fixed` are conditions that are no choice of the caller's. One that is refused does not
    keep the others from being done.

    Transaction: one for each, on a connection of its own.
    """
    given = {name: value for name, value in filters.items() if value is not None}
    noun = verb.finder.noun
    if bool(numbers) == bool(given):
        raise click.UsageError(
            f"name {noun}s or say which by options, not both"
            if given
            else f"name a {noun}, or say which by options"
        )
    with database() as connection:
        if numbers:
            return _do_to(connection, verb, numbers, as_json=as_json)
        found = _find(connection, verb.finder, {"limit": AT_ONCE, **given, **(fixed or {})})
        meant = [row for row in found if row.get("refused") is None]
        if not yes:
            _show(verb, found, meant, as_json=as_json)
            return 0
        if not meant and not as_json:
            write_remark(f"no {noun} fits")
        _warn(verb, meant)
        status = _do_to(connection, verb, [row[noun] for row in meant], as_json=as_json)
    _say_passed(verb, found)
    left = _all_meant(verb, found) - len(meant)
    if left:
        write_remark(f"{left} more fit; do it again for those")
    return status


def _find(connection: Connection, finder: Finder, given: Mapping[str, Any]) -> list[dict[str, Any]]:
    driver = connection.connection.driver_connection
    if isinstance(driver, psycopg.Connection):
        for name in KINDS.keys() & given.keys():
            check_known(driver, Rows(finder.history), name, given[name])
    values = [
        literal(given.get(name), DateTime(timezone=True) if kind is DateTime else kind)
        for name, kind in finder.parameters.items()
    ]
    call = getattr(func.pgdispatch, finder.name)(*values)
    rows = connection.execute(select(call.table_valued(*map(column, finder.fields)))).mappings()
    found = [dict(row) for row in rows]
    connection.commit()
    return found


def _do_to(connection: Connection, verb: Verb, numbers: Sequence[int], *, as_json: bool) -> int:
    status = 0
    rows = []
    for number in numbers:
        try:
            answer = connection.execute(verb.act(number)).scalar_one()
            connection.commit()
        except (DBAPIError, PgdispatchError) as error:
            connection.rollback()
            status = _refuse(error)
            continue
        rows.append(verb.made(number, answer))
        if not as_json:
            write_done(verb.done(number, answer))
    if as_json:
        write_json(rows)
    return status


def _refuse(error: DBAPIError | PgdispatchError) -> int:
    """Write why one of several was refused; an error that concerns them all goes on up."""
    explained = explain(error)
    if explained is None or explained.exit_status != PgdispatchError.exit_status:
        raise error
    write_error(explained.message, detail=explained.detail, hint=explained.hint)
    return explained.exit_status


def _show(verb: Verb, found: Sequence[Row], meant: Sequence[Row], *, as_json: bool) -> None:
    if as_json:
        write_json(found)
    elif found:
        write_table(found[:SHOWN], verb.finder.columns)
        if len(found) > SHOWN:
            write_remark(f"the first {SHOWN} of {found[0]['found']}")
    count = _all_meant(verb, found)
    noun = f"{verb.finder.noun}{'s' if count != 1 else ''}"
    at_once = f", {AT_ONCE} at once" if count > AT_ONCE else ""
    write_remark(f"{count} {noun} {verb.would}{at_once}" + ("; do it with --yes" if count else ""))
    _say_passed(verb, found)
    _warn(verb, meant)


def _warn(verb: Verb, meant: Sequence[Row]) -> None:
    said = verb.warn(meant)
    if said is not None:
        write_warning(said[0], hint=said[1])


def _all_meant(verb: Verb, found: Sequence[Row]) -> int:
    """Return how many are not refused, of all that fit: more than were found, if those are many."""
    return int(found[0][verb.finder.meant]) if found else 0


def _say_passed(verb: Verb, found: Sequence[Row]) -> None:
    passed = found[0]["found"] - _all_meant(verb, found) if found else 0
    if passed:
        is_told = any(row["refused"] is not None for row in found)
        write_remark(f"{passed} passed over" + (", see --json" if is_told else ""))
