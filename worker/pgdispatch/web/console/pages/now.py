"""What runs, what waits and why, and what needs a hand."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import psycopg

from pgdispatch.web.console import drawing, words
from pgdispatch.web.console.asked import Asked
from pgdispatch.web.console.pages import lanes, statements
from pgdispatch.web.console.pages.expected import with_forecasts
from pgdispatch.web.console.pages.needs import needs_of
from pgdispatch.web.console.reading import Rows, ask

PATH = "/"
TITLE = "Now"
TEMPLATE = "now.html"
HEAD = 20
RUNNING = 500  # jobs that those see who are confined
HOUR = timedelta(hours=1)


def read(connection: psycopg.Connection[dict[str, Any]], asked: Asked, /) -> dict[str, object]:
    """Return the state of it all; what belongs to all sites only to those who may see it.

    Transaction: joins the caller's; reads only.
    """
    if asked.rights.sites is not None:
        return _of_own_sites(connection)
    overview = ask(connection, statements.OVERVIEW)
    reasons = ask(connection, statements.REASONS)
    processes = ask(connection, statements.PROCESSES)
    if overview.is_late or reasons.is_late or processes.is_late:
        return {"title": TITLE, "overview": None}
    facts = _facts(overview[0], reasons, processes)
    context = {
        "title": TITLE,
        "overview": overview,
        "facts": facts,
        "headline": words.headline(facts),
        "lead": words.lead(facts),
        "reasons": reasons,
        "kinds": _by_kind(reasons),
        **_head(connection, ask(connection, statements.HEAD, most=HEAD)),
        "is_complete": True,
        "processes": processes,
        "needs": needs_of(connection, reasons, sees_nodes=True),
    }
    return context | _strips(connection, asked, overview[0]["now"], processes)


def _of_own_sites(connection: psycopg.Connection[dict[str, Any]]) -> dict[str, object]:
    """Return what those see who are confined: of what waits what is among the first 10,000."""
    counts = ask(connection, statements.OWN_COUNTS)
    reasons = counts.but([row for row in counts if row["kind"] is not None])
    is_complete = not counts.is_late and all(row["is_complete"] for row in counts)
    head = ask(connection, statements.OWN_HEAD, most=HEAD) if reasons else Rows()
    running = ask(connection, statements.RUNNING, most=RUNNING + 1)
    waiting = {"waiting": sum(row["jobs"] for row in reasons), "ended": 0, "failed": 0}
    facts = _facts(waiting, reasons, running)
    return {
        "title": TITLE,
        "overview": not counts.is_late and not running.is_late,
        "facts": facts,
        "headline": _own(facts, is_complete=is_complete),
        "lead": (),
        "reasons": reasons,
        "kinds": _by_kind(reasons),
        **_head(connection, head.but([row for row in head if row["job"] is not None])),
        "is_complete": is_complete,
        "running": running,
        "needs": needs_of(connection, reasons, sees_nodes=False),
    }


def _head(connection: psycopg.Connection[dict[str, Any]], head: Rows) -> dict[str, object]:
    """Return the first that wait, with when each is expected to start."""
    shown, said = with_forecasts(connection, head)
    return {"head": shown, "expected": said, "is_expecting": True}


def _facts(
    counts: Mapping[str, Any], reasons: Rows, processes: Iterable[Mapping[str, Any]]
) -> words.Overview:
    rows = list(processes)
    up = [
        row for row in rows if row["backgrounder"] and row.get("status") not in ("lost", "stopped")
    ]
    return words.Overview(
        nodes=len({row.get("node") for row in rows}),
        backgrounders=len(up),
        busy=sum(row["job"] is not None for row in up),
        waiting=counts["waiting"],
        looked_at=sum(row["jobs"] for row in reasons),
        startable=sum(row["jobs"] for row in reasons if row["kind"] == "next"),
        ended=counts["ended"],
        failed=counts["failed"],
    )


def _own(facts: words.Overview, *, is_complete: bool) -> str:
    """Return the headline of those who see their own sites only."""
    waiting = words.count(facts.waiting)
    if not is_complete:
        waiting = f"at least {waiting}" if facts.waiting else "none of the first 10,000 of all"
    jobs = "job" if facts.busy == 1 else "jobs"
    return f"{words.count(facts.busy, RUNNING)} {jobs} of your sites run, {waiting} wait"


def _by_kind(reasons: Rows) -> list[tuple[str, int]]:
    """Return how many of the first thousand wait for each kind of reason, as kinds are listed."""
    found: Counter[str] = Counter()
    for row in reasons:
        found[row["kind"]] += row["jobs"]
    order = list(words.KINDS)
    return sorted(
        found.items(), key=lambda item: order.index(item[0]) if item[0] in order else len(order)
    )


@dataclass
class Group:
    """A node with its backgrounders, and the last hour of each."""

    node: str
    rows: list[dict[str, Any]] = field(default_factory=list)

    @property
    def first(self) -> dict[str, Any]:
        """Return the row that tells of the node."""
        return self.rows[0]

    @property
    def busy(self) -> int:
        """Return how many of them have a job."""
        return sum(row["job"] is not None for row in self.rows)


def _strips(
    connection: psycopg.Connection[dict[str, Any]], asked: Asked, now: datetime, processes: Rows
) -> dict[str, object]:
    end = lanes.moment(now)
    start = end - HOUR
    stretch = {"start": start, "end": end, "most": statements.MOST_BARS}
    ended = ask(connection, statements.ENDED_BARS, **stretch)
    waits = ask(connection, statements.WAITS, **stretch)
    bars = defaultdict(list)
    for row in ended:
        bars[row["backgrounder"]].append(lanes.ended_bar(row, asked.zone, now))
    stretches = lanes.stretches_of(waits, start, end)
    since = lanes.known_from(ended, waits, end)
    groups: dict[str, Group] = {}
    for row in processes:
        own = bars[row["backgrounder"]]
        if row["job"] is not None and row["job_started_at"] is not None:
            own.append(lanes.running_bar({**row, "started_at": row["job_started_at"]}, end))
        up, is_drained = lanes.up_of(row, end), row["status"] == "drained"
        strip = lanes.lane(own, start, end, up, stretches, since=since, is_drained=is_drained)
        group = groups.setdefault(row["node"], Group(row["node"]))
        group.rows.append({**row, "strip": strip})
    return {
        "groups": list(groups.values()),
        "ticks": drawing.ticks(start, end, asked.zone),
        "known_from": since,
        "strips_asked": (ended, waits),
    }
