"""What is known of one job, as labels and values for people; what has no value is left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pgdispatch_cli.expecting import ends, starts
from pgdispatch_cli.output import format_value
from pgdispatch_cli.stderr import printable
from pgdispatch_cli.times import format_span

Facts = Mapping[str, Any]


def where_it_is(job: Facts) -> list[tuple[str, str]]:
    """Return what became of the job so far."""
    state = job["state"]
    if job.get("failed_as"):
        state += f" ({job['failed_as']})"
    progress = ""
    if job["progress"] is not None:
        progress = f"{format_value(job['progress'])} % {format_value(job['progress_note'])}".strip()
    return [
        ("state", state),
        ("position", _place(job)),
        ("waits because", format_value(job.get("reason"))),
        ("ends when", "somebody does something" if job.get("needs_person") else ""),
        ("decided by", format_value(job.get("decided_by"))),
        *_expected(job),
        ("backgrounder", format_value(job["backgrounder"])),
        ("progress", progress),
        ("result", format_value(job.get("result"))),
    ]


def _expected(job: Facts) -> list[tuple[str, str]]:
    """Return when a job that waits starts, and one that runs ends, as far as that is said."""
    forecast = job.get("forecast")
    if job["state"] == "running":
        return [("ends about", ends(forecast))]
    said = starts(forecast)
    if forecast is not None and forecast["starts_at"] is None:
        return [("starts", said + (f": {forecast['beyond']}" if forecast["beyond"] else ""))]
    return [("starts about", said), ("ends about", ends(forecast))]


def _place(job: Facts) -> str:
    """Return the place of a job that waits; one far behind has none by number."""
    if "reason" in job and job["position"] is None:
        return "behind more than 10000"
    return format_value(job.get("position"))


def what_it_is(job: Facts) -> list[tuple[str, str]]:
    """Return what the job was created with."""
    usual = job["usual_seconds"]
    serial = " (serial)" if job["is_serial"] else ""
    return [
        ("type", job["type"]),
        ("site", format_value(job["site"])),
        ("priority", format_value(job["priority"]) + (", Run Now" if job["run_now"] else "")),
        ("datasource", format_value(job["datasource"])),
        ("schedule", format_value(job["schedule"]) + serial),
        ("task", format_value(job["task"])),
        ("linked run", linked_step(job)),
        ("retry of", format_value(job.get("retry_of"))),
        ("retried as", format_value(job.get("retried_as"))),
        ("key", key(job)),
        ("trace", format_value(job.get("traceparent"))),
        ("arguments", format_value(job["args"] or None)),
        ("timeout", format_value(job["timeout"]) or "none"),
        ("usual time", "" if usual is None else format_value(usual) + " s"),
    ]


def what_happened(job: Facts) -> list[tuple[str, str]]:
    """Return the job's instants, with how long it waited and ran."""
    created, ended = job["created_at"], job.get("ended_at")
    started = job["started_at"]
    begun = [one["started_at"] for one in job.get("attempts", ()) if one["started_at"]]
    first = min(begun, default=started)
    until = first or ended
    waited = until - created if until else job.get("waits_for")
    ran = ended - started if started and ended else job.get("runs_for")
    by = f" by {printable(job['created_by'])}"
    if job["inserted_by"] != job["created_by"]:
        by += f" (database user {printable(job['inserted_by'])})"
    cancelled = format_value(job["cancel_requested_at"])
    if cancelled:
        cancelled += f" by {format_value(job['cancelled_by'])}"
        cancelled += f": {format_value(job['cancel_reason'])}" if job["cancel_reason"] else ""
    return [
        ("scheduled", format_value(job["scheduled_at"])),
        ("created", format_value(created) + by),
        ("not before", format_value(job["not_before"])),
        ("promoted", format_value(job["promoted_at"])),
        ("started", format_value(first)),
        ("cancel asked", cancelled),
        ("ended", format_value(ended)),
        ("waited" if until else "waits for", format_span(waited) if waited is not None else ""),
        ("waited at", format_value(job["parked_gates"])),
        ("ran" if ended else "runs for", format_span(ran) if ran is not None else ""),
        ("attempts", attempts(job)),
        ("nodes lost", format_value(job["losses"] or None)),
        ("failed before", format_value(job["last_error"])),
    ]


def is_told_by_attempts(job: Facts) -> bool:
    """Return whether the attempts of a job tell more than the job: not if it ended with its one."""
    return any(one["ended_as"] is not None and not one["is_end"] for one in job["attempts"])


def attempt_line(attempt: Facts) -> str:
    """Return one attempt in a line: by whom, when, for how long, and how it ended."""
    ended_as = attempt["ended_as"] or "runs"
    started = attempt["started_at"] or attempt["asked_at"]
    line = f"{attempt['attempt']:>2}  {ended_as:<10}  {printable(attempt['backgrounder'] or '')}"
    line += f"  {format_value(started)}"
    if attempt["ran_for"] is not None:
        line += f"  for {format_span(attempt['ran_for'])}"
    error = (attempt["error"] or "").strip().splitlines()
    return f"{line}: {printable(error[-1])}" if error else line


def key(job: Facts) -> str:
    """Return the key that a job was inserted with, and until when there is no second one."""
    if job.get("key") is None:
        return ""
    return f"{format_value(job['key'])} (until {job.get('key_until')})"


def linked_step(job: Facts) -> str:
    """Return which run of a linked task a job belongs to, and which step of it it is."""
    return f"{job['linked_run']}, step {job['step']}" if job["linked_run"] else ""


def attempts(job: Facts) -> str:
    """Return how often a job was started, and what is left if it fails.

    An attempt whose node was lost is no failure.
    """
    left = job["max_attempts"] - job["failures"]
    started = format_value(job["attempt"])
    if "ended_at" in job or job["max_attempts"] == 1:
        return started if job["attempt"] else ""
    return f"{started}, {left} of {job['max_attempts']} left"
