"""Make a forecast's input what it would be with a change, and say the commands that do it.

The input is the document that forecast_input gives; what is given is never changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from typing import Any

from pgdispatch.errors import InvalidInputError
from pgdispatch.forecast.questions.changes import Change, command, moved
from pgdispatch.forecast.run import MICROS

Document = dict[str, Any]


def applied(changes: Iterable[Change], document: Mapping[str, Any]) -> Document:
    """Return the input as it would be with all these changes.

    Raises `InvalidInputError` for a name or a job that there is not, or a change that is none.
    """
    made = deepcopy(dict(document))
    for change in changes:
        APPLIED[change.what](made, change)
    return made


def commands(change: Change, document: Mapping[str, Any]) -> list[str]:
    """Return the commands that make a change true; comments where there is none for it."""
    return COMMANDS[change.what](document, change)


def earliest_shift(changes: Iterable[Change]) -> int:
    """Return how many seconds the input has to look further ahead: runs that are moved here."""
    return max(
        (-change.number for change in changes if change.what == "move"),
        default=0,
    )


def _named(document: Mapping[str, Any], kind: str, change: Change) -> dict[str, Any]:
    """Return the site, node or schedule that a change names."""
    for one in document[kind]:
        if one["name"] == change.name:
            found: dict[str, Any] = one
            return found
    names = ", ".join(sorted(one["name"] for one in document[kind])[:10])
    noun = kind.removesuffix("s")
    raise InvalidInputError(
        f"{noun} {change.name!r} does not exist" + (" or is not up" if kind == "nodes" else ""),
        hint=f"there are: {names}" if names else f"there is no {noun}",
    )


def _rows(document: Mapping[str, Any], kind: str, *columns: str) -> list[Any]:
    """Return where the columns of a long list are."""
    return [document[kind]["columns"].index(column) for column in columns]


def _resize(document: Document, change: Change) -> None:
    node = _named(document, "nodes", change)
    node["backgrounders"] = int(change.amount.of(node["backgrounders"]) or 0)


def _remove_node(document: Document, change: Change) -> None:
    document["nodes"].remove(_named(document, "nodes", change))
    (at,) = _rows(document, "jobs", "node")
    for row in document["jobs"]["rows"]:
        if row[at] == change.name:
            row[at] = None  # lost with it


def _add_node(document: Document, change: Change) -> None:
    if any(node["name"] == change.name for node in document["nodes"]):
        raise InvalidInputError(
            f"node {change.name!r} is up already", hint="say --backgrounders for that"
        )
    document["nodes"].append(
        {
            "name": change.name,
            "backgrounders": change.number,
            "types": None,
            "is_drained": False,
            "drain_ends_at": None,
        }
    )


def _prioritise_job(document: Document, change: Change) -> None:
    number, running, priority = _rows(document, "jobs", "id", "is_running", "priority")
    for row in document["jobs"]["rows"]:
        if str(row[number]) == change.name and not row[running]:
            row[priority] = change.number
            return
    raise InvalidInputError(f"job {change.name} does not wait", hint="see: pgdispatch queue")


def _prioritise_schedule(document: Document, change: Change) -> None:
    _named(document, "schedules", change)["priority"] = change.number
    for kind, is_left in (("tasks", None), ("jobs", "is_running")):
        schedule, priority = _rows(document, kind, "schedule", "priority")
        left = _rows(document, kind, is_left)[0] if is_left else None
        for row in document[kind]["rows"]:
            if row[schedule] == change.name and row[priority] and not (left and row[left]):
                row[priority] = change.number  # 0, Run Now, stays


def _execute(document: Document, change: Change) -> None:
    _named(document, "schedules", change)["is_serial"] = change.word == "serial"


def _move(document: Document, change: Change) -> None:
    schedule = _named(document, "schedules", change)
    runs = [run + change.number * MICROS for run in schedule["runs"]]
    schedule["runs"] = [run for run in runs if document["made_at"] < run <= document["until"]]


def _limit(document: Document, change: Change) -> None:
    site = _named(document, "sites", change)
    limit = change.amount.of(site["running_limit"])
    site["running_limit"] = None if limit is None else int(limit)


def _budget(document: Document, change: Change) -> None:
    site = _named(document, "sites", change)
    if site["seconds_limit"] is None and change.amount.number is not None:
        raise InvalidInputError(
            f"site {change.name!r} has no budget",
            hint=f"give it one: pgdispatch site change {change.name} --daily-seconds 8h",
        )
    site["seconds_limit"] = change.amount.of(site["seconds_limit"])


def _size_commands(document: Mapping[str, Any], change: Change) -> list[str]:
    node = _named(document, "nodes", change)
    size = int(change.amount.of(node["backgrounders"]) or 0)
    return [command("node", "change", change.name, "--backgrounders", size)]


def _schedule_commands(document: Mapping[str, Any], change: Change) -> list[str]:
    number, schedule, priority = _rows(document, "tasks", "id", "schedule", "priority")
    tasks = [
        row[number] for row in document["tasks"]["rows"]
        if row[schedule] == change.name and row[priority] is not None
    ]  # fmt: skip
    return [
        command("schedule", "change", change.name, "--priority", change.number),
        command("set-priority", change.number, "--schedule", change.name),
        *(command("task", "set-priority", task, change.number) for task in tasks[:3]),
        *([f"# and so on, {len(tasks)} tasks in all"] if len(tasks) > 3 else []),
    ]


def _move_commands(document: Mapping[str, Any], change: Change) -> list[str]:
    schedule = _named(document, "schedules", change)
    words = moved(schedule.get("recurrence"), change.number)
    if words is None:
        return [f"# its recurrence, {change.number:+d} s: pgdispatch schedule change {change.name}"]
    return [command("schedule", "change", change.name, "--recurrence", words)]


def _site_commands(document: Mapping[str, Any], change: Change) -> list[str]:
    site = _named(document, "sites", change)
    is_limit = change.what == "limit"
    value = change.amount.of(site["running_limit" if is_limit else "seconds_limit"])
    option = "--max-running" if is_limit else "--daily-seconds"
    return [command("site", "change", change.name, option, "none" if value is None else int(value))]


APPLIED: dict[str, Callable[[Document, Change], None]] = {
    "backgrounders": _resize,
    "priority": _prioritise_job,
    "schedule-priority": _prioritise_schedule,
    "execution": _execute,
    "move": _move,
    "without-node": _remove_node,
    "with-node": _add_node,
    "limit": _limit,
    "budget": _budget,
}
COMMANDS: dict[str, Callable[[Mapping[str, Any], Change], list[str]]] = {
    "backgrounders": _size_commands,
    "priority": lambda _, change: [command("set-priority", change.name, change.number)],
    "schedule-priority": _schedule_commands,
    "execution": lambda _, change: [
        command("schedule", "change", change.name, "--execution", change.word)
    ],
    "move": _move_commands,
    "without-node": lambda _, change: [command("node", "drain", change.name)],
    "with-node": lambda _, change: [
        command("node", "add", change.name, "--backgrounders", change.number)
    ],
    "limit": _site_commands,
    "budget": _site_commands,
}
