"""One apply: look, write, and look again, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import psycopg

from pgdispatch.errors import WrongStateError
from pgdispatch_cli.connection import fix_transaction
from pgdispatch_cli.estate import statements as sql
from pgdispatch_cli.estate.applying import carry_out
from pgdispatch_cli.estate.document import Document, fill, normalise, parsed
from pgdispatch_cli.estate.kinds import JOB_TYPE, NODE, SCHEDULE, SITE, Columns
from pgdispatch_cli.estate.plan import ADD, DELETE, LEAVE, Change, compare
from pgdispatch_cli.estate.present import check_site, read_columns, read_estate
from pgdispatch_cli.estate.showing import sentence
from pgdispatch_cli.statements import GIVE_REASON

TRIES = 3  # as others edit the same meanwhile
RIVALRY = (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure)


@dataclass(frozen=True)
class Wanted:
    """What was asked for: a file, and what is to be done with it."""

    name: str
    content: bytes
    site: str | None = None
    prune: bool = False
    is_trial: bool = False
    reason: str = ""


@dataclass
class Outcome:
    """The file as read, and what differs, as far as it was found out."""

    document: Document | None = None
    changes: Sequence[Change] = ()

    @property
    def differs(self) -> bool:
        """Whether anything is to be added, changed or deleted."""
        return any(change.what != LEAVE for change in self.changes)

    def forget_numbers(self) -> None:
        """Take from new rows the numbers that they had until they were taken back."""
        for change in self.changes:
            if change.what == ADD:
                change.row.id = None


def apply_file(connection: psycopg.Connection, wanted: Wanted, outcome: Outcome) -> None:
    """Make the database what the file says, or only see whether it would be taken.

    `outcome` tells what was found, also where an error is raised.

    Transaction: its own, committed at the end; rolled back if it is a trial, and on any error.
    """
    for last in range(TRIES, 0, -1):
        try:
            with connection.transaction() as transaction:
                fix_transaction(connection)
                _apply(connection, wanted, outcome)
                if wanted.is_trial:
                    outcome.forget_numbers()
                    raise psycopg.Rollback(transaction)
        except BaseException as error:
            outcome.forget_numbers()
            if last == 1 or not isinstance(error, (RivalError, *RIVALRY)):
                raise
        else:
            return


class RivalError(WrongStateError):
    """Somebody else has edited the same in between."""


def _apply(connection: psycopg.Connection, wanted: Wanted, outcome: Outcome) -> None:
    """Find out what differs, and change it; whoever changes nothing waits for nobody.

    Two applies come one after the other. Anybody else may edit meanwhile. What such an edit
    has changed before the second look is seen there, and all is done anew; what it changes after
    that is an edit after this apply, as it changes nothing that this one has written.
    """
    connection.execute(GIVE_REASON, [wanted.reason])
    columns = read_columns(connection)
    document, tables = parsed(wanted.name, wanted.content, wanted.site)
    outcome.changes = _look(connection, document, tables, columns, prune=wanted.prune)
    outcome.document = document
    if not outcome.differs:
        return
    connection.execute(sql.LOCK)
    outcome.changes = _look(connection, document, tables, columns, prune=wanted.prune)
    carry_out(connection, document, outcome.changes, columns)
    again = compare(
        document, read_estate(connection, columns, document.site), columns, prune=wanted.prune
    )
    differing = next((change for change in again if change.what != LEAVE), None)
    if differing is not None:
        raise RivalError(
            "the configuration is still not as the file says",
            detail=sentence(differing),
            hint="somebody else edits the same; try again",
        )


def _look(
    connection: psycopg.Connection,
    document: Document,
    tables: Mapping[str, Any],
    columns: Columns,
    *,
    prune: bool,
) -> Sequence[Change]:
    """Read the rows of the file anew, as they get their numbers, and return what differs now."""
    check_site(connection, document.site)
    present = read_estate(connection, columns, document.site)
    fill(document, tables, columns, present)
    normalise(connection, document, columns)
    return with_consequences(connection, compare(document, present, columns, prune=prune))


def with_consequences(
    connection: psycopg.Connection, changes: Sequence[Change]
) -> Sequence[Change]:
    """Return changes that say what deletes take along.

    Transaction: joins the caller's; reads only.
    """
    along: dict[tuple[str, str], str] = {}
    for kind in (SITE, SCHEDULE, JOB_TYPE, NODE):
        names = [c.row.values["name"] for c in changes if c.kind is kind and c.what == DELETE]
        if names:
            found = connection.execute(sql.TAKES_ALONG, [names, kind.noun])
            for name, what, how_many, becomes in found:
                said = along.get((kind.table, name))
                more = f"{what}: {how_many} {becomes}"
                along[kind.table, name] = f"{said}; {more}" if said else more
    return [
        replace(c, along=along.get((c.kind.table, c.row.name), "")) if c.what == DELETE else c
        for c in changes
    ]
