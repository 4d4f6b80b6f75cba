"""The end of the demo: a table of every job, and whether everything was as it must be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from typing import Any, Literal

import psycopg
from psycopg.rows import DictRow
from rich.console import Console
from rich.table import Table
from rich.text import Text

from pgdispatch.demo import demo_sql, scenario
from pgdispatch.demo.check import Run, check
from pgdispatch.demo.view import seconds

WIDE = 140


@dataclass(frozen=True)
class Column:
    """One column of the table; an extra one is left out where the terminal is narrow."""

    name: str
    justify: Literal["left", "right"] = "left"
    is_extra: bool = False


COLUMNS = (
    Column("start", "right"),
    Column("job", "right"),
    Column("type"),
    Column("site", is_extra=True),
    Column("title", is_extra=True),
    Column("priority", "right"),
    Column("decided by"),
    Column("on"),
    Column("waited", "right"),
    Column("ran", "right"),
    Column("rows", "right"),
    Column("outcome", is_extra=True),
)


@dataclass(frozen=True)
class Verdict:
    """All runs, what decided each start, and the result of each check in words."""

    runs: Sequence[Run]
    decided: Mapping[int, str]
    results: Sequence[tuple[bool, str]]

    @property
    def is_good(self) -> bool:
        """Whether every check passed."""
        return all(passed for passed, _ in self.results)


def judge(
    connection: psycopg.Connection[DictRow],
    mails: Sequence[EmailMessage],
    committed: Sequence[datetime],
) -> Verdict:
    """Read the history and check it; `committed` as for `check`.

    Transaction: joins the caller's; reads only.
    """
    runs = connection.execute(demo_sql.HISTORY).fetchall()
    enabled = {row["id"]: row["enabled_at"] for row in connection.execute(demo_sql.TASKS)}
    limits = {row["name"]: row["max_running_jobs"] for row in connection.execute(demo_sql.LIMITS)}
    left = connection.execute(demo_sql.LEFT_OVER).fetchall()[0]
    finding = check(runs, enabled=enabled, limits=limits, committed=committed)
    failed = {run["title"]: run["failed_as"] for run in runs if run["outcome"] != "succeeded"}
    results = [
        *((False, problem) for problem in finding.problems),
        (
            not finding.problems,
            f"{len(runs)} jobs: none started out of order, no gate was ever exceeded",
        ),
        (
            len({run["id"] for run in runs}) == len(runs) >= 60 and left["jobs"] == 0,
            "every job ended, and once",
        ),
        (left["swept"] == 0, "the sweep had nothing to do"),
        (
            failed == {scenario.BROKEN: "error", scenario.VICTIM: "killed"},
            "only the broken handler and the killed process failed: "
            + ", ".join(f"{title} ({how})" for title, how in failed.items()),
        ),
        *_of_work(runs, mails),
        *_of_schedules(connection),
    ]
    return Verdict(runs, finding.decided, results)


def _of_work(runs: Sequence[Run], mails: Sequence[EmailMessage]) -> list[tuple[bool, str]]:
    types = {run["type"] for run in runs}
    reports = sum(run["type"] == "subscription" for run in runs)
    received = [mail for mail in mails if "readers@" in str(mail["X-Envelope-To"])]
    overflow = sum(run["promoted_at"] is not None for run in runs)
    nodes = {run["backgrounder"] for run in runs}
    return [
        (len(types) == 7, f"jobs of {len(types)} types ran on {len(nodes)} backgrounders"),
        (reports == len(received), f"{len(received)} of {reports} reports arrived by mail"),
        (overflow > 0, f"{overflow} jobs were promoted from the overflow of their site"),
    ]


def _of_schedules(connection: psycopg.Connection[DictRow]) -> list[tuple[bool, str]]:
    (fired,) = connection.execute(demo_sql.FIRED).fetchall()
    suspended = connection.execute(demo_sql.SUSPENDED).fetchall()
    steps = connection.execute(demo_sql.STEPS).fetchall()
    pairs = list(zip(steps[::2], steps[1::2], strict=False))
    in_order = [
        first["linked_run"] == second["linked_run"] and first["ended_at"] <= second["created_at"]
        for first, second in pairs
    ]
    return [
        (
            fired["jobs"] >= len(scenario.QUARTERS),
            f"the clock fired {fired['recurrence']!r} for {fired['fired_for']}, which was missed: "
            f"{fired['jobs']} jobs; next at {fired['next']}",
        ),
        (
            [(row["title"], row["failures"], row["skipped"]) for row in suspended]
            == [(scenario.BROKEN, 2, 1)],
            "".join(
                f"{row['title']} was suspended after {row['failures']} failures in a row, "
                f"{row['skipped']} occurrence skipped"
                for row in suspended
            )
            or "nothing was suspended",
        ),
        (
            in_order == [True, True],
            f"{len(pairs)} runs of the linked task: {len(steps)} steps, each after the one before",
        ),
    ]


def print_report(console: Console, verdict: Verdict) -> None:
    """Print the table of every job in the order of their starts, and each check."""
    is_wide = console.width >= WIDE
    table = Table(box=None, pad_edge=False, padding=(0, 2 if is_wide else 1, 0, 0))
    for column in COLUMNS:
        if is_wide or not column.is_extra:
            table.add_column(column.name, justify=column.justify, no_wrap=True)
    for number, run in enumerate(verdict.runs, start=1):
        cells = _cells(number, run, verdict.decided[run["id"]])
        table.add_row(
            *(
                cell
                for column, cell in zip(COLUMNS, cells, strict=True)
                if is_wide or not column.is_extra
            )
        )
    console.print(table)
    for passed, text in verdict.results:
        mark = Text("ok    ", style="green") if passed else Text("WRONG ", style="bold red")
        console.print(mark + Text(text), soft_wrap=True)


def _cells(number: int, run: Mapping[str, Any], decided: str) -> list[str]:
    return [
        str(number),
        str(run["id"]),
        run["type"],
        run["site"],
        run["title"],
        str(run["priority"]),
        decided,
        run["backgrounder"],
        f"{seconds(run['started_at'] - run['created_at'])} s",
        f"{seconds(run['ended_at'] - run['started_at'])} s",
        f"{run['rows']:,}",
        run["outcome"] if run["failed_as"] is None else f"failed ({run['failed_as']})",
    ]
