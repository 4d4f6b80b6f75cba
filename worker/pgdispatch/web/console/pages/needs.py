"""What a person has to see to: nobody else will."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from pgdispatch.web.console import words
from pgdispatch.web.console.pages import statements
from pgdispatch.web.console.pages.filters import named
from pgdispatch.web.console.reading import Rows, ask

Link = psycopg.Connection[dict[str, Any]]
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


def needs_of(connection: Link, reasons: Rows, *, sees_nodes: bool) -> list[Need]:
    """Return what needs a hand, the worst first. `reasons`: of the first thousand that wait.

    Transaction: joins the caller's; reads only.
    """
    found = [*(_of_nodes(connection) if sees_nodes else ()), *_of_tasks(connection)]
    found += [*_of_sites(connection), *_of_schedules(connection), *_of_types(reasons)]
    found += _of_pauses(connection)
    return [*found, *(_of_the_sweep(connection) if sees_nodes else ())]


def _of_nodes(connection: Link) -> Iterator[Need]:
    for row in ask(connection, statements.LOST_NODES):
        yield Need(
            "bad",
            f"Node {row['name']} is lost",
            "its jobs went back to the queue; silent since",
            f"/node/{row['name']}",
            "Open node",
            at=row["heartbeat_at"],
        )


def _of_tasks(connection: Link) -> Iterator[Need]:
    for row in ask(connection, statements.SUSPENDED):
        error = f": {row['error']}" if row["error"] else ""
        yield Need(
            "bad",
            f"{named(row)} is suspended",
            f"after {words.counted(row['failures'], 'failure')} in a row{error}",
            f"/task/{row['task']}",
            "Open task",
            task=row["task"],
        )


def _of_sites(connection: Link) -> Iterator[Need]:
    for row in ask(connection, statements.SPENT):
        yield Need(
            "warn",
            f"Site {row['site']} has spent its budget",
            THEN[row["over_budget"]],
            f"/site/{row['site']}",
            "Open site",
            at=row["refill_at"],
        )


def _of_schedules(connection: Link) -> Iterator[Need]:
    for row in ask(connection, statements.OVERDUE):
        yield Need(
            "warn",
            f"Schedule {row['schedule']} is overdue",
            f"{row['last_error'] or 'nobody has created its jobs'}; due since",
            f"/schedule/{row['schedule']}",
            "Open schedule",
            at=row["next_run_at"],
        )


def _of_types(reasons: Rows) -> Iterator[Need]:
    for row in sorted(reasons, key=lambda row: str(row["type"])):
        what = {
            "no node": f"No node takes {words.plain(row['type'])} jobs",
            "drained": f"The nodes for {words.plain(row['type'])} jobs are drained",
        }.get("drained" if row["kind"] == "paused" and not row["is_paused"] else row["kind"])
        if what is not None:
            waiting = f"{words.counted(row['jobs'], 'job')} of the first thousand wait for one"
            yield Need("warn", what, waiting, "/nodes", "Open nodes")


def _of_pauses(connection: Link) -> Iterator[Need]:
    for row in ask(connection, statements.PAUSES):
        what = f"{row['scope'].capitalize()} {row['name']}" if row["name"] else "Everything"
        why = f" ({row['reason']})" if row["reason"] else ""
        waiting = (
            "more than 1000 jobs" if row["waiting"] > 1000 else words.counted(row["waiting"], "job")
        )
        page = (
            f"/{row['scope']}/{row['name']}" if row["scope"] in ("site", "schedule") else "/gates"
        )
        yield Need(
            "warn",
            f"{what} is paused",
            f"by {row['paused_by']}{why}; waiting for that: {waiting}; since",
            page,
            f"Open {row['scope'] if page != '/gates' else 'gates'}",
            at=row["paused_at"],
        )


def _of_the_sweep(connection: Link) -> Iterator[Need]:
    for row in ask(connection, statements.SWEPT):
        if row["jobs"]:
            yield Need(
                "warn",
                f"{words.counted(row['jobs'], 'job')} had been left behind at a gate",
                "found and woken by the sweep, the last time at",
                "/health",
                "Open health",
                at=row["swept_at"],
            )
