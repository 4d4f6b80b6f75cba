"""Making a database what a file says.

All rows of a table go in one statement. If the database refuses that, it is found out by halves
which row it means, so that the refusal can name its line.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import psycopg
from psycopg.sql import Composed

from pgdispatch.errors import InvalidInputError, PgdispatchError
from pgdispatch_cli.estate import statements as sql
from pgdispatch_cli.estate.document import Document
from pgdispatch_cli.estate.kinds import (
    CALENDAR,
    CLOSED_WINDOW,
    CONTRACT,
    GRANT,
    JOB_TYPE,
    LINKED_TASK,
    NODE,
    NOTICE_RULE,
    SCHEDULE,
    SETTING,
    SITE,
    TASK,
    Column,
    Columns,
    Kind,
    Row,
)
from pgdispatch_cli.estate.plan import ADD, CHANGE, DELETE, Change
from pgdispatch_cli.failure import NOT_ALLOWED, explain

OF_DATA = ("22", "23", "42", "JD", "P0")  # SQLSTATEs of what is wrong with a row
CHECK, UNIQUE = "23514", "23505"
ID = Column("id", "int8", is_nullable=False)
Act = Callable[[Sequence[Change]], None]


def carry_out(
    connection: psycopg.Connection,
    document: Document,
    changes: Sequence[Change],
    columns: Columns,
) -> None:
    """Add, change and delete rows; what refers to something comes after it, and goes before it.

    Raises what the database refuses, with the line of the row that it means.

    Transaction: joins the caller's; commits nothing.
    """
    work = Work(connection, document, changes, columns)
    held = [c.row.values["name"] for c in work.of(SCHEDULE, CHANGE, DELETE)]
    if held:
        connection.execute(sql.HOLD_SCHEDULES, [held])
    made_serial = [
        c for c in work.of(SCHEDULE, CHANGE) if (c.after or {}).get("execution") == "serial"
    ]
    work.do(work.of(SETTING, CHANGE), work.set_settings)
    for kind in (JOB_TYPE, SITE, CALENDAR, SCHEDULE, NODE, CLOSED_WINDOW):
        work.add(kind)
        work.change(kind, but=made_serial)
        if kind is SITE:
            work.do(work.of(SITE, ADD, CHANGE), work.set_timeouts)
        elif kind is CALENDAR:
            work.do(work.of(CALENDAR, ADD, CHANGE), work.set_days)
    work.do(work.of(GRANT, ADD, CHANGE), work.set_grants)
    for kind in (TASK, LINKED_TASK):
        work.add(kind)
        work.change(kind)
    work.do(work.of(LINKED_TASK, ADD, CHANGE), work.set_steps)
    work.do(work.of(NOTICE_RULE, DELETE), work.delete)
    work.add(NOTICE_RULE)
    work.do(work.of(CONTRACT, DELETE), work.delete)
    work.add(CONTRACT)
    work.change(CONTRACT)
    work.do(work.of(GRANT, DELETE), work.set_grants)
    for kind in (CLOSED_WINDOW, LINKED_TASK, TASK, SCHEDULE, CALENDAR, NODE, SITE, JOB_TYPE):
        work.do(work.of(kind, DELETE), work.delete)
    work.change(SCHEDULE, only=made_serial)


class Work:
    """The changes of a plan, and how each sort of them is written."""

    def __init__(
        self,
        connection: psycopg.Connection,
        document: Document,
        changes: Sequence[Change],
        columns: Columns,
    ) -> None:
        self.connection = connection
        self.document = document
        self.changes = changes
        self.columns = columns

    def of(self, kind: Kind, *whats: str) -> list[Change]:
        """Return what is to be done with rows of a kind."""
        return [c for c in self.changes if c.kind is kind and c.what in whats]

    def do(self, changes: Sequence[Change], act: Act) -> None:
        """Do something to many rows at once, or as many as the database takes."""
        if not changes:
            return
        try:
            with self.connection.transaction():
                act(changes)
        except psycopg.Error as error:
            if not (error.sqlstate or "").startswith(OF_DATA):
                raise
            if len(changes) == 1:
                raise self.refused(error, changes[0]) from error
        else:
            return
        half = len(changes) // 2
        self.do(changes[:half], act)
        self.do(changes[half:], act)

    def refused(self, error: psycopg.Error, change: Change) -> PgdispatchError:
        """Return what the database says of a row, with where that row stands."""
        row = change.row
        where = self.document.where(row.path) if row.path else f"cannot {change.what}"
        named = f"{where}: {row.kind.noun} {row.name}"
        if error.sqlstate == CHECK:
            found = self.connection.execute(
                sql.GUARDED, [error.diag.constraint_name, row.kind.table]
            ).fetchone()
            if found is not None:
                told = f"{found[0]}: {str(found[1]).removesuffix('.')}"
                return InvalidInputError(f"{named} has a wrong {found[0]}", hint=told)
        said = explain(error)
        if said is None:
            return PgdispatchError(f"{named}: {error}")
        hint = said.hint
        if row.kind is GRANT and error.sqlstate == NOT_ALLOWED:
            hint = "let whoever installed the schema apply it"
        return type(said)(f"{named}: {said.message}", detail=said.detail, hint=hint)

    def add(self, kind: Kind) -> None:
        """Add the new rows of a kind; those without names get their numbers."""
        own = self.columns[kind.table]
        query = sql.add_rows(kind.table, own, key=own[0].name if kind.is_named else ID.name)

        def act(changes: Sequence[Change]) -> None:
            made = self.connection.execute(query, [records(changes, own)]).fetchall()
            if not kind.is_named:  # numbers are given in the order of the rows
                for change, number in zip(changes, sorted(n for (n,) in made), strict=True):
                    change.row.id = number

        added = self.of(kind, ADD)
        self.do(added, act)
        if kind in {TASK, LINKED_TASK}:  # a new one without a priority is given one
            bare = [c for c in added if c.row.values["priority"] is None and c.row.usual_priority]
            self.put(kind, bare)

    def change(
        self, kind: Kind, *, but: Sequence[Change] = (), only: Sequence[Change] | None = None
    ) -> None:
        """Change the rows of a kind."""
        changes = self.of(kind, CHANGE) if only is None else only
        self.put(kind, [change for change in changes if change not in but])

    def put(self, kind: Kind, changes: Sequence[Change]) -> None:
        """Let rows that are there have the values that they are to have."""
        own = self.columns[kind.table]
        key = own[0] if kind.is_named else ID
        rest = [column for column in own if column.name not in kind.key]
        query: Composed = sql.change_rows(kind.table, rest, key=key)
        written = [
            c for c in changes if c.what == ADD or any(r.name in (c.after or {}) for r in rest)
        ]
        self.do(written, lambda some: self.write(query, records(some, [key, *rest])))

    def set_settings(self, changes: Sequence[Change]) -> None:
        """Give settings their values."""
        self.write(sql.SET_SETTINGS, records(changes, self.columns[SETTING.table]))

    def set_timeouts(self, changes: Sequence[Change]) -> None:
        """Let sites have the timeouts that they are to have."""
        put: list[dict[str, Any]] = []
        gone: list[dict[str, Any]] = []
        for change in changes:
            site, new = change.row.values["name"], change.row.values["timeouts"]
            old = change.present.values["timeouts"] if change.present else {}
            put += [
                {"site": site, "type": kind, "timeout": value}
                for kind, value in new.items()
                if old.get(kind, ...) != value
            ]
            gone += [{"site": site, "type": kind} for kind in old if kind not in new]
        for query, rows in ((sql.TAKE_TIMEOUTS, gone), (sql.PUT_TIMEOUTS, put)):
            if rows:
                self.write(query, json.dumps(rows))

    def set_days(self, changes: Sequence[Change]) -> None:
        """Let calendars have the days that they are to have."""
        put: list[dict[str, Any]] = []
        gone: list[dict[str, Any]] = []
        for change in changes:
            calendar, new = change.row.values["name"], change.row.values["days"]
            old = change.present.values["days"] if change.present else {}
            put += [
                {"calendar": calendar, "day": day, "name": name, "works": works}
                for day, (name, works) in new.items()
                if old.get(day) != (name, works)
            ]
            gone += [{"calendar": calendar, "day": day} for day in old if day not in new]
        for query, rows in ((sql.TAKE_DAYS, gone), (sql.PUT_DAYS, put)):
            if rows:
                self.write(query, json.dumps(rows))

    def set_steps(self, changes: Sequence[Change]) -> None:
        """Let linked tasks have the steps that they are to have."""
        rows = [
            {
                "linked_task": change.row.id,
                "step": step.step,
                "task": step.task.id,
                "stop_on_failure": step.stop_on_failure,
            }
            for change in changes
            for step in change.row.values["steps"]
        ]
        self.write(sql.TAKE_STEPS, [change.row.id for change in changes], json.dumps(rows))
        self.write(sql.PUT_STEPS, json.dumps(rows))

    def delete(self, changes: Sequence[Change]) -> None:
        """Delete rows, with what belongs to them."""
        kind = changes[0].kind
        if kind.is_named:
            self.write(sql.DELETE, kind.noun, [change.row.values["name"] for change in changes])
        else:
            self.write(sql.delete_rows(kind.table), [change.row.id for change in changes])

    def set_grants(self, changes: Sequence[Change]) -> None:
        """Let people have the roles and sites that they are to have."""
        for change in changes:
            old = change.present.values if change.present else {"roles": [], "sites": None}
            new = change.row.values if change.what != DELETE else {"roles": [], "sites": None}
            user = change.row.values["name"]
            for query, role, sites in grants(old, new):
                self.write(query, user, role, sites)

    def write(self, query: str | Composed, *values: Any) -> None:
        """Execute a statement."""
        self.connection.execute(query, values)


def grants(old: dict[str, Any], new: dict[str, Any]) -> Iterable[tuple[str, str, list[str] | None]]:
    """Yield what to grant and revoke; all is revoked first where somebody is confined, or no more.

    New sites come before others go: with the last site all roles would go.
    """
    is_kept = bool(old["roles"] and new["roles"]) and (old["sites"] is None) == (
        new["sites"] is None
    )
    if not is_kept:
        for role in old["roles"]:
            yield sql.REVOKE, role, None
        old = {"roles": [], "sites": None}
    for role in new["roles"]:
        fresh = new["sites"] and [site for site in new["sites"] if site not in (old["sites"] or [])]
        if role not in old["roles"]:
            yield sql.GRANT, role, new["sites"]
        elif fresh:
            yield sql.GRANT, role, fresh
    gone = [site for site in old["sites"] or [] if site not in new["sites"]]
    if gone:
        yield sql.REVOKE, old["roles"][0], gone
    for role in old["roles"]:
        if role not in new["roles"]:
            yield sql.REVOKE, role, None


def records(changes: Sequence[Change], columns: Iterable[Column]) -> str:
    """Return rows as the JSON that a statement takes."""
    names = [column.name for column in columns]
    return json.dumps(
        [
            {
                "place": place,
                "id": c.row.id,
                **{n: written(c.row.values[n]) for n in names if n != "id"},
            }
            for place, c in enumerate(changes)
        ]
    )


def written(value: Any) -> Any:
    """Return a value as JSON has it: of a row its number."""
    return value.id if isinstance(value, Row) else value
