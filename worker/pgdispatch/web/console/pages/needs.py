"""What a person has to see to: nobody else will."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from pgdispatch.web.console import words
from pgdispatch.web.console.pages import statements
from pgdispatch.web.console.pages.filters import named
from pgdispatch.web.console.reading import Rows, ask

Link = psycopg.Connection[dict[str, Any]]
Asking = Callable[..., Rows]
LOOKED_AT = 1000  # jobs that wait, of which the reasons are asked
THEN = {"defer": "its jobs wait for the refill at", "cancel": "its jobs are cancelled until"}


@dataclass(frozen=True)
class Need:
    """Something to see to: how bad, what, the details and since when or until, and where.

    `task`: one that can be resumed on the spot.
    """

    icon: str
    what: str
    detail: str
    path: str
    label: str
    at: datetime | None = None
    task: int | None = None


NOT_ALL = Need(
    "warn",
    "Not all of this was looked at",
    "the database took longer than two seconds for some of it",
    "/health",
    "Open health",
)


def needs_of(connection: Link, reasons: Rows, *, sees_nodes: bool) -> list[Need]:
    """Return what needs a hand, the worst first. `reasons`: of the first thousand that wait.

    Transaction: joins the caller's; reads only.
    """
    late: list[bool] = []

    def rows(statement: str, **values: Any) -> Rows:
        found = ask(connection, statement, **values)
        late.append(found.is_late)
        return found

    found = [*(_of_nodes(rows) if sees_nodes else ()), *_of_tasks(rows)]
    found += [*_of_sites(rows), *_of_schedules(rows), *_of_types(reasons), *_of_pauses(rows)]
    found += _of_the_sweep(rows) if sees_nodes else ()
    return [*found, *([NOT_ALL] if any(late) else ())]


def _of_nodes(rows: Asking) -> Iterator[Need]:
    for row in rows(statements.LOST_NODES):
        yield Need(
            "bad",
            f"Node {row['name']} is lost",
            "its jobs went back to the queue; silent since",
            f"/node/{row['name']}",
            "Open node",
            at=row["heartbeat_at"],
        )


def _of_tasks(rows: Asking) -> Iterator[Need]:
    for row in rows(statements.SUSPENDED):
        error = f": {words.in_line(row['error'])}" if row["error"] else ""
        yield Need(
            "bad",
            f"{named(row)} is suspended",
            f"after {words.counted(row['failures'], 'failure')} in a row{error}",
            f"/task/{row['task']}",
            "Open task",
            task=row["task"],
        )


def _of_sites(rows: Asking) -> Iterator[Need]:
    for row in rows(statements.SPENT):
        yield Need(
            "warn",
            f"Site {row['site']} has spent its budget",
            THEN[row["over_budget"]],
            f"/site/{row['site']}",
            "Open site",
            at=row["refill_at"],
        )


def _of_schedules(rows: Asking) -> Iterator[Need]:
    for row in rows(statements.OVERDUE):
        yield Need(
            "warn",
            f"Schedule {row['schedule']} is overdue",
            f"{row['last_error'] or 'nobody has created its jobs'}; due since",
            f"/schedule/{row['schedule']}",
            "Open schedule",
            at=row["next_run_at"],
        )


def _of_types(reasons: Rows) -> Iterator[Need]:
    looked_at = sum(row["jobs"] for row in reasons)
    among = " of the first thousand" if looked_at >= LOOKED_AT else ""
    for row in sorted(reasons, key=lambda row: str(row["type"])):
        what = {
            "no node": f"No node takes {words.plain(row['type'])} jobs",
            "drained": f"The nodes for {words.plain(row['type'])} jobs are drained",
        }.get("drained" if row["kind"] == "paused" and not row["is_paused"] else row["kind"])
        if what is not None:
            verb = "waits" if row["jobs"] == 1 else "wait"
            waiting = f"{words.counted(row['jobs'], 'job')}{among} {verb} for one"
            yield Need("warn", what, waiting, "/nodes", "Open nodes")


def _of_pauses(rows: Asking) -> Iterator[Need]:
    for row in rows(statements.PAUSES, most=20):
        what = f"{row['scope'].capitalize()} {row['name']}" if row["name"] else "Everything"
        why = f" ({row['reason']})" if row["reason"] else ""
        waiting = (
            "more than 1000 jobs" if row["waiting"] > 1000 else words.counted(row["waiting"], "job")
        )
        page = f"/{row['scope']}/{row['name']}" if row["name"] else "/gates"
        yield Need(
            "warn",
            f"{what} is paused",
            f"by {row['paused_by']}{why}; waiting for that: {waiting}; since",
            page,
            f"Open {row['scope'] if page != '/gates' else 'gates'}",
            at=row["paused_at"],
        )


def _of_the_sweep(rows: Asking) -> Iterator[Need]:
    for row in rows(statements.SWEPT):
        if row["jobs"]:
            yield Need(
                "warn",
                f"{words.counted(row['jobs'], 'job')} had been left behind at a gate",
                "found and woken by the sweep, the last time at",
                "/health",
                "Open health",
                at=row["swept_at"],
            )
