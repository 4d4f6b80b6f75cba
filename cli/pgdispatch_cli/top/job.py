"""The page of one job: the answer, why it has its place, its gates, facts, error and log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pgdispatch.web.console.words import OVER
from pgdispatch_cli.job_facts import (
    attempt_line,
    is_told_by_attempts,
    what_happened,
    what_it_is,
    where_it_is,
)
from pgdispatch_cli.times import format_brief
from pgdispatch_cli.top.lines import Line, pictures
from pgdispatch_cli.top.panes import shown, until
from pgdispatch_cli.top.words import marked, short_span

Job = Mapping[str, Any]
LONGEST = 65_536  # characters of a log
CRITERIA = ("run now", "priority", "queue order", "job type")
TIES = {"history": ("run time", "created"), "created": ("created", "run time")}


def page(job: Job) -> list[Line]:
    """Return the lines of a job's page, whatever its state."""
    title = shown(job["title"])
    lines: list[Line] = [
        [(f"job {job['id']}", "ink3"), (f"  {title or shown(job['type'])}", "strong")],
        answer(job),
        [],
    ]
    if job["state"] == "waiting":
        lines += [*ladder(job), [], *gates(job), []]
    facts = [*where_it_is(job), *what_it_is(job), *what_happened(job)]
    kept = [(label, value) for label, value in facts if value]
    width = max(len(label) for label, _ in kept)
    lines += [[(label.ljust(width + 2), "ink3"), (pictures(value), "ink")] for label, value in kept]
    tried = "\n".join(map(attempt_line, job["attempts"])) if is_told_by_attempts(job) else None
    for name, text in (("attempts", tried), ("error", job.get("error")), ("log", job.get("log"))):
        lines += block(name, text)
    return lines


def answer(job: Job) -> Line:
    """Return the sentence that answers what one most likely asks."""
    if job["state"] == "waiting":
        return waits_because(job)
    if job["state"] == "running":
        return runs_since(job)
    ran = job["ended_at"] - job["started_at"] if job["started_at"] else None
    after = f" after {short_span(ran)}" if ran is not None else ", before it had started"
    failed = f" ({shown(job['failed_as'])})" if job["failed_as"] else ""
    at = format_brief(job["ended_at"])
    return marked(job["state"], f"It {ENDS[job['state']]}{failed} at {at}{after}.")


ENDS = {"succeeded": "succeeded", "failed": "failed", "cancelled": "was cancelled"}


def waits_because(job: Job) -> Line:
    """Say why a job waits, and where."""
    if job.get("reason") is None:
        return [("It waits.", "ink")]
    place = f"place {job['position']:,}" if job["position"] else "behind more than 10,000"
    waits = short_span(job["waits_for"])
    return marked(job["kind"], f"It waits, {place}, for {waits}: {shown(job['reason'])}")


def runs_since(job: Job) -> Line:
    """Say for how long a job runs, and whether that is long."""
    ran, usual = job["runs_for"], job["usual_seconds"]
    said = f"It runs on {shown(job['backgrounder'])}, for {short_span(ran)}"
    if usual and ran.total_seconds() > OVER * usual:
        return [("● ", "run"), (said, "ink"), (", longer than usual", "warn")]
    return marked("busy", said)


def ladder(job: Job) -> list[Line]:
    """Say which of the seven criteria puts a job before the one behind it."""
    lines: list[Line] = [[("Why it is in this place", "strong")]]
    decides = job.get("decided_by")
    if decides is None:
        return [*lines, [("  no job waits behind it", "ink3")]]
    criteria = [*CRITERIA, *TIES.get(str(job.get("tie_break")), TIES["history"]), "job id"]
    if decides == "scheduled time":
        criteria[2] = decides
    at = criteria.index(decides) if decides in criteria else len(criteria)
    for number, criterion in enumerate(criteria):
        says = "equal" if number < at else "decides" if number == at else "not needed"
        tone = "run" if number == at else "ink3"
        lines.append([(f"  {number + 1} {criterion.ljust(16)}", "ink2"), (says, tone)])
    return [*lines, [("  against the job behind it", "ink3")]]


def gates(job: Job) -> list[Line]:
    """Say which gates a job has to pass, and which are shut."""
    lines: list[Line] = [[("Its gates", "strong")]]
    width = max((len(shown(row["gate"])) for row in job["obstacles"]), default=0)
    for row in job["obstacles"]:
        name = shown(row["gate"]).ljust(width + 2)
        says = marked("up", "free") if row["reason"] is None else marked(row["kind"], row["reason"])
        says += [("   ", "ink3"), *until(row)]
        lines.append([(f"  {name}", "ink2"), *says])
    return lines


def block(title: str, text: str | None) -> list[Line]:
    """Return a text of several lines under a title."""
    if not text:
        return []
    kept = text[:LONGEST].expandtabs(4).splitlines()
    lines: list[Line] = [[], [(title, "strong")]]
    lines += [[(f"  {pictures(line)}", "ink2")] for line in kept]
    if len(text) > LONGEST:
        lines.append([(f"  … the whole text: pgdispatch show, {len(text):,} characters", "ink3")])
    return lines
