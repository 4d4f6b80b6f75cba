"""Who did what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import click
import psycopg
from psycopg.rows import dict_row

from pgdispatch.database.differences import differences
from pgdispatch_cli.filtering import Wording, explain_nothing
from pgdispatch_cli.options import database_option, example, limit_option, listing_options
from pgdispatch_cli.outlasting import keep_looking
from pgdispatch_cli.output import Column, write_done, write_json_line, write_listing
from pgdispatch_cli.parameters import ago
from pgdispatch_cli.reading import Rows, looking
from pgdispatch_cli.statements import CHANGES
from pgdispatch_cli.times import format_instant

AT_ONCE = 10_000  # changes that --follow looks at
LATE = timedelta(minutes=5)  # a change that is committed so long after it was made is still seen
KINDS = {
    **{kind: kind for kind in ("site", "schedule", "task", "node", "setting", "user", "job")},
    "contract": "contract",
    **dict.fromkeys(("linked task", "linked-task"), "linked task"),
    **dict.fromkeys(("job type", "type"), "job type"),
    "notice rule": "notice rule",
}
COLUMNS = (
    Column("changed_at", "at"),
    Column("who", "who", least=8, brief="named"),
    Column("what", "what"),
    Column("of", "of", least=10),
    Column("how", "how", least=12, wraps=True),
    Column("reason", "why", drop=1, least=8),
)


def thing(text: str) -> tuple[str, str]:
    """Return kind and name of what `text` names: `site acme`, `linked task 3`."""
    for word, kind in KINDS.items():
        if text.startswith(f"{word} ") and text[len(word) :].strip():
            return kind, text[len(word) :].strip()
    raise click.BadParameter(
        f"{text!r} is not one of {', '.join(sorted(set(KINDS.values())))}, and its name or number,"
        " such as 'site acme'"
    )


@click.command(
    epilog=example(
        "pgdispatch changes --since 6h",
        "pgdispatch changes --of 'site acme' --by alice",
        "pgdispatch changes --follow --json",
    )
)
@click.option("--since", type=ago, metavar="TIME", help="Only from then on: 6h, 02:00, a date.")
@click.option("--until", type=ago, metavar="TIME", help="Only before then.")
@click.option("--of", type=thing, metavar="'KIND NAME'", help="Only of this: 'site acme', 'job 7'.")
@click.option("--site", help="Only what belongs to this site.")
@click.option("--by", metavar="WHO", help="Only what this user did, or was said to do.")
@click.option("--follow", "-f", is_flag=True, help="Go on showing what comes, until Ctrl-C.")
@limit_option
@listing_options
@database_option
def command(
    *,
    of: tuple[str, str] | None,
    site: str | None,
    follow: bool,
    limit: int,
    as_json: bool,
    **asked: Any,
) -> None:
    """Show who did what, newest first: verbs and edits of people, as they differ.

    What nodes, the clock and dispatch do is not among them. Changes are kept for change_keep_days.
    """
    kind, name = of or (None, None)
    wanted = {**asked, "kind": kind, "name": name, "site": site, "limit": limit}
    with looking() as connection:
        if follow:
            follow_changes(connection, wanted, limit, as_json=as_json)
        rows = read_changes(connection, wanted)
        empty = "" if rows else nothing(connection, wanted)
    if not as_json:
        rows = [for_people(row) for row in rows]
    columns = [
        one for one in COLUMNS if one.field != "reason" or any(row["reason"] for row in rows)
    ]
    write_listing(rows, columns, as_json=as_json, empty=empty)


def read_changes(connection: psycopg.Connection, wanted: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the changes that are wanted, newest first.

    Transaction: joins the caller's; reads only.
    """
    return psycopg.Cursor(connection, row_factory=dict_row).execute(CHANGES, wanted).fetchall()


def nothing(connection: psycopg.Connection, wanted: Mapping[str, Any]) -> str:
    """Return why there is none; raises `NotFoundError` for a site that nobody has.

    Transaction: joins the caller's; reads only.
    """
    if any(wanted[name] for name in ("since", "until", "by", "kind")):
        return "nothing of that kind was changed"
    wording = Wording("nothing{} was changed", "changes were made", "change was made")
    return explain_nothing(connection, Rows("change"), {"site": wanted["site"]}, wording)


def who(row: Mapping[str, Any]) -> str:
    """Return who it was: the user who logged in, behind whom it said it was."""
    said = row["said_by"]
    return f"{said} ({row['changed_by']})" if said else str(row["changed_by"])


def for_people(row: dict[str, Any]) -> dict[str, Any]:
    """Add to a change what people read in place of its columns."""
    return {
        **row,
        "who": who(row),
        "named": row["said_by"] or row["changed_by"],
        "of": f"{row['kind']} {row['name']}",
        "how": differences(row["before"], row["after"]),
    }


@dataclass
class Seen:
    """Which changes have been shown: those of the last minutes, as they may come out of turn."""

    since: datetime | None
    shown: dict[int, datetime] = field(default_factory=dict)

    def new(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return what has not been shown, oldest first, and note it."""
        unseen = [row for row in reversed(rows) if row["id"] not in self.shown]
        self.shown |= {row["id"]: row["changed_at"] for row in unseen}
        if self.shown:
            self.since = max(self.shown.values()) - LATE
            self.shown = {one: at for one, at in self.shown.items() if at >= self.since}
        return unseen


def follow_changes(
    connection: psycopg.Connection,
    wanted: Mapping[str, Any],
    limit: int,
    *,
    as_json: bool,
) -> None:
    """Write the last `limit` changes, and then those that come, one a line, for ever.

    Transaction: ends that of `connection`; then one for each look, on another, held no longer.
    """
    seen = Seen(wanted["since"])
    wanted = {**wanted, "limit": AT_ONCE}
    write_lines(seen.new(read_changes(connection, wanted))[-limit:], as_json=as_json)
    connection.close()

    def look(connection: psycopg.Connection) -> list[dict[str, Any]]:
        return seen.new(read_changes(connection, {**wanted, "since": seen.since}))

    keep_looking(look, partial(write_lines, as_json=as_json))


def write_lines(rows: list[dict[str, Any]], *, as_json: bool) -> None:
    """Write changes, one a line."""
    for row in rows:
        if as_json:
            write_json_line(row)
        else:
            write_done(in_a_line(row))


def in_a_line(row: dict[str, Any]) -> str:
    """Return a change as a line: when, who, what, and why."""
    shown = for_people(row)
    how = f": {shown['how']}" if shown["how"] else ""
    why = f" ({row['reason']})" if row["reason"] else ""
    at = format_instant(row["changed_at"])
    return f"{at}  {shown['who']}  {row['what']} {shown['of']}{how}{why}"
