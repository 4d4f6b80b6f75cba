"""One job, whatever its state: why it waits, how it runs, or how it was and why it was late."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg

from pgdispatch.errors import NotFoundError
from pgdispatch.web.console import drawing, words
from pgdispatch.web.console.asked import Asked
from pgdispatch.web.console.pages import ladder, lanes, lateness, statements
from pgdispatch.web.console.pages.expected import forecasts_of, with_forecasts
from pgdispatch.web.console.pages.filters import named
from pgdispatch.web.console.pages.finding import too_late
from pgdispatch.web.console.pages.reach import reach
from pgdispatch.web.console.reading import Rows, ask

PATH = "/job/{id:int}"
TITLE = None
TEMPLATE = "job.html"
BEFORE, BEHIND = 3, 3
NOT_KNOWN = {"position": None, "reason": "its reason is not known", "kind": None, "blocker": None}
LOOK_AT = 3000
AHEAD = 12
CHART = 56  # pixels
LAST = 500  # lines of its log

Link = psycopg.Connection[dict[str, Any]]


def read(connection: Link, asked: Asked, /) -> dict[str, object]:
    """Return one job. Raises `NotFoundError`, with how far back the history goes; `LateError`.

    Transaction: joins the caller's; reads only.
    """
    number = asked.number("id", 1) or 0
    found = ask(connection, statements.JOB, job=number)
    if found.is_late:
        raise too_late(f"job {number}")
    if found:
        row = found[0]
        make = _running if row["state"] == "running" else _waiting
        late = _late(connection, row)
        return {**_every(connection, asked, row, found), **late, **make(connection, asked, row)}
    ended = ask(connection, statements.ENDED_JOB, job=number)
    if ended.is_late:
        raise too_late(f"job {number}")
    if not ended:
        raise _no_such_job(connection, asked, number)
    row = ended[0]
    return {**_every(connection, asked, row, ended), **_ended(connection, asked, row)}


def _every(
    connection: Link, asked: Asked, row: Mapping[str, Any], found: Rows
) -> dict[str, object]:
    runs = (
        Rows() if row["task"] is None else ask(connection, statements.LAST_RUNS, task=row["task"])
    )
    logged = ask(connection, statements.LOG, job=row["id"], last=LAST) if row["attempt"] else Rows()
    return {
        "logged": logged,
        "log": log_of(logged, asked.zone),
        "title": f"{named(row)} · job {row['id']}",
        "job": row,
        "found": found,
        "attempts": ask(connection, statements.JOB_ATTEMPTS, job=row["id"]),
        "changes": ask(connection, statements.CHANGES, kind="job", name=str(row["id"])),
        "runs": runs,
        "chart": chart_of(runs),
    }


def log_of(rows: Iterable[Mapping[str, Any]], zone: str) -> str:
    """Return the lines of a log as a text: by attempt and day, each line with its time of day."""
    said: list[str] = []
    attempt, before, day = 0, None, ""
    for row in rows:
        if row["attempt"] != attempt:
            attempt, before, day = row["attempt"], None, ""
            said.append(f"attempt {attempt}, times in {zone}")
        at = row["logged_at"] and row["logged_at"].astimezone(ZoneInfo(zone))
        if at and f"{at:%Y-%m-%d}" != day:
            day = f"{at:%Y-%m-%d}"
            said.append(day)
        if before is not None and row["line"] > before + 1:
            said.append(f"… {row['line'] - before - 1:,} lines left out")
        before = row["line"]
        time = f"{at:%H:%M:%S.%f}"[:-3] if at else " " * 12
        said.append(f"{time} {row['text']}")
    return "\n".join(said)


def _no_such_job(connection: Link, asked: Asked, number: int) -> NotFoundError:
    oldest = ask(connection, statements.OLDEST) if asked.rights.sites is None else ()
    detail = "the history is empty" if asked.rights.sites is None else None
    if oldest:
        detail = (
            f"the history goes back to {oldest[0]['ended_at']:%Y-%m-%d}, job {oldest[0]['job']}"
        )
    return NotFoundError(
        f"there is no job {number}",
        detail=detail,
        hint="look at its number; what ended longer ago has been dropped",
    )


def chart_of(runs: Rows) -> tuple[drawing.Rect, ...]:
    """Return a column for each run of a task, the oldest on the left."""
    ended = [run for run in reversed(runs) if run["started_at"] is not None]
    lengths = [(run["ended_at"] - run["started_at"]).total_seconds() for run in ended]
    return drawing.columns(
        [max(length, 0.0) for length in lengths],
        [lanes.TONES.get(run["outcome"], "bad") for run in ended],
        [
            f"job {run['job']}: {run['outcome']}, {words.span(length)}"
            for run, length in zip(ended, lengths, strict=True)
        ],
        height=CHART,
    )


@dataclass
class Gate:
    """A gate of a job: how many may run there, and which do, of those that one may see."""

    kind: str
    name: str
    room: int
    is_full: bool
    holders: list[dict[str, Any]] = field(default_factory=list)

    @property
    def taken(self) -> int:
        """Return how many run there, at least."""
        return max(len(self.holders), self.room if self.is_full else 0)


def _waiting(connection: Link, asked: Asked, row: Mapping[str, Any]) -> dict[str, object]:
    now = row["now"]
    gates = ask(connection, statements.JOB_GATES, job=row["id"])
    page, before = _neighbours(connection, asked, row["id"])
    shown, said = with_forecasts(connection, page)
    around = around_of(shown, row["id"])
    own = next((one for one in around if one["job"] == row["id"]), None)
    if own is None:  # too far behind for one who is confined, or too late
        own = next(iter(ask(connection, statements.WHY, job=row["id"])), NOT_KNOWN)
    wait = _wait({**row, **own}, gates, asked.zone, now)
    context: dict[str, object] = {
        "is_expecting": True,
        "expected": own["forecast"] if "forecast" in own else _forecast(connection, row["id"]),
        "expected_asked": said,
        "state": "waiting",
        "section": "Queue",
        "place": own,
        "sentence": words.why_it_waits(wait),
        "then": words.what_ends_the_wait(wait),
        "gates": _gates(gates, asked.zone, now),
        "gates_asked": gates,
        "around": around,
        "around_asked": page,
        "before": before,
        "rungs": (),
        "other": None,
        "next": _behind(around, row["id"]),
    }
    if before:
        context["other"] = before[0]
        context["rungs"] = ladder.ladder(
            row, before[0], tie_break=row["tie_break"], zone=asked.zone, now=now
        )
    return context


def _forecast(connection: Link, job: int) -> dict[str, Any] | None:
    """Return what is said of a job; None: nothing."""
    return next(iter(forecasts_of(connection, [job])), None)


def _neighbours(connection: Link, asked: Asked, job: int) -> tuple[Rows, Rows]:
    """Return a page of the queue with some jobs before and behind a job, and the one before it.

    Those who are confined get what is before it among 10,000 of all, as behind it, too, it may be
    far to the next of theirs.
    """
    if asked.rights.sites is None:
        most = BEFORE + 1 + BEHIND
        page = ask(connection, statements.AROUND, job=job, before=BEFORE, most=most)
        return page, ask(connection, statements.BEFORE_IT, job=job)
    page = ask(connection, statements.OWN_BEFORE, job=job, most=BEFORE + 1)
    others = [row["job"] for row in page if row["job"] not in (None, job)]
    return page, ask(connection, statements.ORDER_OF, job=others[-1]) if others else Rows()


def around_of(page: Rows, job: int) -> list[dict[str, Any]]:
    """Return the rows of a page of the queue around a job: so many before it and behind it."""
    rows = [row for row in page if row["job"] is not None]
    at = next((place for place, row in enumerate(rows) if row["job"] == job), len(rows))
    return rows[max(at - BEFORE, 0) : at + BEHIND + 1]


def _behind(around: list[dict[str, Any]], job: int) -> dict[str, Any] | None:
    """Return the job behind one, if it is among those around it."""
    places = [row["job"] for row in around]
    at = places.index(job) + 1 if job in places else len(places)
    return around[at] if at < len(around) else None


def _wait(row: Mapping[str, Any], gates: Rows, zone: str, now: datetime) -> words.Wait:
    holder = _first_to_end([gate for gate in gates if _is_in_the_way(row, gate)])
    until = None
    if holder is not None:
        said, is_late = words.expected_end(holder["started_at"], holder["usual_seconds"], zone, now)
        first = "The first" if row["kind"] == "site limit" else "That"
        until = f"{first} is {said}" if is_late else f"{first} should end at {said}"
        if holder["usual_seconds"] is None:
            until = f"How long {first.lower()} will run is not known"
    return words.Wait(
        kind=row["kind"] or "",
        reason=row["reason"],
        site=row["site"],
        type=row["type"],
        datasource=row["datasource"],
        schedule=row["schedule"],
        blocker=row["blocker"],
        holder=None if holder is None else holder["job"],
        who=None if holder is None else named(holder),
        until=until,
        needs_person=bool(row["needs_person"]),
    )


def _is_in_the_way(row: Mapping[str, Any], gate: Mapping[str, Any]) -> bool:
    if gate["job"] is None:
        return False
    if row["kind"] == "site limit":
        return bool(gate["kind"] == "site")
    return bool(gate["job"] == row["blocker"])


def _first_to_end(holders: Iterable[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    known = sorted(
        holders,
        key=lambda row: (
            row["usual_seconds"] is None,
            row["started_at"] + timedelta(seconds=row["usual_seconds"] or 0.0),
        ),
    )
    return known[0] if known else None


def _gates(rows: Rows, zone: str, now: datetime) -> list[Gate]:
    gates: dict[tuple[str, str], Gate] = {}
    for row in rows:
        key = (row["kind"], row["name"])
        gate = gates.setdefault(key, Gate(row["kind"], row["name"], row["room"], row["is_full"]))
        if row["job"] is not None:
            end = words.end_of_run(row["started_at"], row["usual_seconds"], zone, now)
            gate.holders.append({**row, **end})
    return list(gates.values())


def _running(connection: Link, asked: Asked, row: Mapping[str, Any]) -> dict[str, object]:
    """Return how it runs; who is confined sees nobody at serial schedules, which others share."""
    sees_all = asked.rights.sites is None
    behind = ask(connection, statements.WAITING_BEHIND, job=row["id"], sees_all=sees_all)
    usual = row["usual_seconds"]
    end, is_late = words.expected_end(row["started_at"], usual, asked.zone, row["now"])
    over = words.is_over(row["runs_for"], timedelta(seconds=usual) if usual else None)
    return {
        "is_expecting": True,
        "expected": _forecast(connection, row["id"]),
        "state": "running",
        "section": "Now",
        "sentence": words.how_it_runs(
            row["backgrounder"], row["runs_for"], usual, end, is_late=is_late
        ),
        "is_over": over,
        "behind": behind,
        "usually_for": None if usual is None else timedelta(seconds=usual),
        "ends_at": None if row["timeout"] is None else row["started_at"] + row["timeout"],
    }


def _ended(connection: Link, asked: Asked, row: Mapping[str, Any]) -> dict[str, object]:
    late = _late(connection, row)
    wait = late["wait"]
    context: dict[str, object] = {"state": row["outcome"], "section": "History", **late}
    if wait is None or row["started_at"] is None:
        return {**context, "then": (), "ahead": (), "sentence": words.how_it_ended(row)}
    start = max(wait.from_at, wait.to_at - lateness.FARTHEST)
    until = reach(connection, asked, after=start)
    meanwhile = ask(
        connection, statements.RAN_MEANWHILE,
        job=row["id"], start=start, end=wait.to_at, until=until, look_at=LOOK_AT,
    )  # fmt: skip
    better = [one for one in meanwhile if one["is_better"]]
    is_least = len(meanwhile) >= 1000 or until is not None
    is_least = is_least or any(one["looked_at"] == LOOK_AT for one in meanwhile)
    stretches = lateness.stretches_of(late["late_rows"])
    return {
        **context,
        "sentence": words.why_it_was_late(wait.length, stretches, is_scheduled=wait.is_scheduled),
        "then": ()
        if meanwhile.is_late
        else words.who_went_first(len(better), len(meanwhile) - len(better), is_least=is_least),
        "ahead": better[:AHEAD],
        "meanwhile": meanwhile,
    }


def _late(connection: Link, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return why a job has waited, so far or until it started, drawn and summed up."""
    rows = ask(connection, statements.WHY_LATE, job=row["id"])
    wait = lateness.wait_of(row, rows)
    found: dict[str, Any] = {"wait": wait, "late_rows": rows, "late_asked": (rows,)}
    if wait is not None:
        stretches = lateness.stretches_of(rows)
        found["sums"] = lateness.sums_of(stretches, wait)
        found["bar"] = lateness.bar_of(stretches, wait)
        found["blockers"] = lateness.blockers_of(rows)[: lateness.MOST]
    return found
