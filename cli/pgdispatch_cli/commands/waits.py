"""What all jobs waited for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import click
import psycopg
from psycopg.rows import dict_row

from pgdispatch_cli.options import database_option, example, listing_options
from pgdispatch_cli.output import Column, write_folded, write_json, write_table
from pgdispatch_cli.parameters import ago
from pgdispatch_cli.reading import looking
from pgdispatch_cli.statements import WAITS
from pgdispatch_cli.stderr import printable, write_remark
from pgdispatch_cli.times import format_span

FIELDS = {
    "schedule": "schedule",
    "site": "site",
    "task": "task",
    "type": "type",
    "reason": "kind",
}
MOST = 20  # lines of the table
REASONS = 3  # in the sentence


@click.command(
    epilog=example(
        "pgdispatch waits --from 12h",
        "pgdispatch waits --from 22:00 --to 06:00 --by site",
    )
)
@click.option(
    "--from", "since", type=ago, default="24h", show_default=True, metavar="TIME",
    help="From then on: 12h, 22:00, a date.",
)  # fmt: skip
@click.option("--to", "until", type=ago, metavar="TIME", help="Until then; else until now.")
@click.option(
    "--by", type=click.Choice(list(FIELDS)), default="schedule", show_default=True,
    help="What to sum it up by.",
)  # fmt: skip
@listing_options
@database_option
def command(since: datetime, until: datetime | None, by: str, as_json: bool) -> None:
    """Show what jobs waited for: time by schedule, site, task, type or reason.

    Of each job what lies within counts. Behind a schedule: jobs of that were in the way; where
    several ran side by side, each of them counts with its part. JSON has every sum there is, by
    site, schedule, task, type, kind of reason and schedule in the way.
    """
    with looking() as connection:
        rows = read_sums(connection, since, until)
    if as_json:
        write_json(rows)
    elif rows:
        for_people(rows, by)
    else:
        write_remark("nothing waited then")


def read_sums(
    connection: psycopg.Connection, since: datetime, until: datetime | None
) -> list[dict[str, Any]]:
    """Return what jobs waited for, most first.

    Transaction: joins the caller's; reads only.
    """
    cursor = psycopg.Cursor(connection, row_factory=dict_row)
    return cursor.execute(WAITS, [since, until]).fetchall()


def for_people(rows: Sequence[Mapping[str, Any]], by: str) -> None:
    """Write a line for each of what it is summed up by, and all of it in one sentence."""
    field = FIELDS[by]
    waited = total(rows)
    lines = []
    for value, own in groups(rows, field):
        reasons = groups(own, "schedule" if by == "reason" else "kind")
        lines.append(
            {
                by: printable(str(value if value is not None else "none")),
                "waited": span(total(own)),
                "share": f"{round(100 * float(total(own) / waited))} %",
                "for": ", ".join(
                    f"{one or 'no schedule'} {span(total(part))}" for one, part in reasons[:REASONS]
                ),
                "behind": most_behind(own),
            }
        )
    columns = (
        Column(by, by, least=8),
        Column("waited", "waited"),
        Column("share", "of all", drop=2),
        Column("for", "of" if by == "reason" else "for", least=14, wraps=True),
        Column("behind", "behind most", drop=1, least=10),
    )
    write_table(lines[:MOST], columns)
    if len(lines) > MOST:
        write_remark(f"the first {MOST} of {len(lines)}; --json has all")
    write_folded(sentence(rows), first="of ")


def sentence(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return what all waited for: the largest reasons, and behind which schedule."""
    told = []
    for kind, own in groups(rows, "kind")[:REASONS]:
        behind = most_behind(own)
        told.append(f"{span(total(own))} {kind}" + (f" (of these {behind})" if behind else ""))
    return f"{span(total(rows))} waited, {', '.join(told)}"


def most_behind(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return behind which schedule most was waited, and how long."""
    behind = [(name, own) for name, own in groups(rows, "behind_schedule") if name is not None]
    if not behind:
        return ""
    name, own = behind[0]
    return f"{span(total(own))} behind schedule {printable(name)}"


def groups(
    rows: Sequence[Mapping[str, Any]], field: str
) -> list[tuple[Any, list[Mapping[str, Any]]]]:
    """Return the rows of each value of a field, those with most seconds first."""
    found: dict[Any, list[Mapping[str, Any]]] = {}
    for row in rows:
        found.setdefault(row[field], []).append(row)
    return sorted(found.items(), key=lambda item: -total(item[1]))


def total(rows: Sequence[Mapping[str, Any]]) -> Any:
    """Return the seconds of rows."""
    return sum(row["seconds"] for row in rows)


def span(seconds: Any) -> str:
    """Return seconds for people."""
    return format_span(timedelta(seconds=float(seconds)))
