"""What one may do with the row under the cursor, with the words for it.

Each verb is one statement that anybody may call at psql; the database decides, and its refusal is
shown as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pgdispatch.web.console.words import started
from pgdispatch_cli.commands.status import count_of
from pgdispatch_cli.top import statements
from pgdispatch_cli.top.lines import Row, pictures
from pgdispatch_cli.top.panes import shown
from pgdispatch_cli.top.reading import Rights


@dataclass(frozen=True)
class Deed:
    """One verb applied to one thing.

    `question` names the thing, `consequence` says what will happen, `yes` is the word on the button
    and `done` says what has happened, given what the database returned. With `asks` a number is
    asked for first: the value of that name, between 1 and 100. `is_nothing` tells of what the
    database returned whether nothing came of it.
    """

    question: str
    consequence: str
    yes: str
    statement: str
    values: Mapping[str, Any]
    done: Callable[[Any], str]
    asks: str | None = None
    is_nothing: Callable[[Any], bool] = lambda _: False


@dataclass(frozen=True)
class Verb:
    """A key that changes something: which right it takes, in which panes, and of which rows.

    `deed` returns what it would do with a row, None if it is nothing.
    """

    key: str
    label: str
    right: str
    panes: Sequence[str]
    deed: Callable[[Row], Deed | None] = field(repr=False)


def called(row: Row) -> str:
    """Return how a job is called in a question."""
    title = shown(row.get("title"))
    return f"job {row['job']}{', ' if title else ''}{title}"


def changed(rows: int, words: str) -> str:
    """Say what has changed, if there was something to change."""
    return words if rows else "nothing has changed: it is not there any more"


def cancelling(row: Row) -> Deed | None:
    """Cancel a job that waits or runs."""
    if row["job"] is None:
        return None
    runs = row.get("runs_for") is not None
    return Deed(
        question=f"Cancel {called(row)}?",
        consequence=(
            "It runs: it is asked to stop, and killed after a grace."
            if runs
            else "It waits: it ends at once."
        ),
        yes="cancel it",
        statement=statements.CANCEL,
        values={"job": row["job"]},
        done=lambda said: (
            f"job {row['job']} cancelled"
            if said == "cancelled"
            else f"job {row['job']} is running and has been asked to stop"
        ),
    )


def reordering(row: Row) -> Deed | None:
    """Give a waiting job another priority."""
    return Deed(
        question=f"Priority of {called(row)}",
        consequence=f"It has {row['priority']}; 1 is first, 100 is last. It moves at once.",
        yes="set it",
        statement=statements.SET_PRIORITY,
        values={"job": row["job"]},
        done=lambda _: f"job {row['job']} has another priority",
        asks="priority",
    )


def running_again(row: Row) -> Deed | None:
    """Start the task of an ended job."""
    if row["task"] is None:
        return None
    return Deed(
        question=f"Run task {row['task']}, {shown(row['title'])}, now?",
        consequence="A new job of it goes before everything that waits; a flow keeps its priority.",
        yes="run it",
        statement=statements.RUN_NOW,
        values={"task": row["task"]},
        done=lambda job: f"job {job} queued",
    )


def firing(row: Row) -> Deed | None:
    """Start all tasks of a schedule."""
    tasks = row["tasks"] + row["linked_tasks"]
    if not tasks:
        return None
    return Deed(
        question=f"Run schedule {shown(row['schedule'])} now?",
        consequence=(
            f"It has {count_of(tasks, 'task')}. Jobs of those that are on go before everything "
            "that waits; flows keep their priority. What has a job already is passed over."
        ),
        yes="run it",
        statement=statements.RUN_NOW_SCHEDULE,
        values={"schedule": row["schedule"]},
        done=lambda found: told_of_a_start(shown(row["schedule"]), found),
        is_nothing=lambda found: not found["jobs"],
    )


def told_of_a_start(schedule: str, found: Mapping[str, Any]) -> str:
    """Say what was queued, and what was passed over and why."""
    text, detail = started(schedule, found)
    said = f"schedule {schedule}: {text}" if found["jobs"] else text
    return "\n".join(pictures(part) for part in (said, detail) if part)


def resuming_task(row: Row) -> Deed | None:
    """Let the suspended task of an ended job run again."""
    if not row["is_suspended"]:
        return None
    return Deed(
        question=f"Resume task {row['task']}, {shown(row['title'])}?",
        consequence="Its failures so far do not count any more; its schedule starts it again.",
        yes="resume it",
        statement=statements.RESUME_TASK,
        values={"task": row["task"]},
        done=lambda _: f"task {row['task']} resumed",
    )


def draining(row: Row) -> Deed | None:
    """Let a node take no new jobs."""
    if row.get("node") is None or row.get("is_drained"):
        return None
    return Deed(
        question=f"Drain node {shown(row['node'])}?",
        consequence="It takes no new jobs, until it is resumed; those that run there go on.",
        yes="drain it",
        statement=statements.DRAIN,
        values={"node": row["node"], "is_drained": True},
        done=lambda nodes: changed(nodes, f"node {shown(row['node'])} takes no new jobs"),
    )


def resuming_node(row: Row) -> Deed | None:
    """Let a drained node take jobs again."""
    if not row.get("is_drained"):
        return None
    return Deed(
        question=f"Resume node {shown(row['node'])}?",
        consequence="It takes jobs again.",
        yes="resume it",
        statement=statements.DRAIN,
        values={"node": row["node"], "is_drained": False},
        done=lambda nodes: changed(nodes, f"node {shown(row['node'])} takes jobs"),
    )


def switching(row: Row) -> Deed | None:
    """Switch a schedule on or off."""
    name, is_on = shown(row["schedule"]), row["enabled"]
    return Deed(
        question=f"Switch schedule {name} {'off' if is_on else 'on'}?",
        consequence="It starts nothing any more."
        if is_on
        else "It starts its tasks on time again.",
        yes=f"switch it {'off' if is_on else 'on'}",
        statement=statements.ENABLE,
        values={"schedule": row["schedule"], "enabled": not is_on},
        done=lambda count: changed(count, f"schedule {name} is {'off' if is_on else 'on'}"),
    )


VERBS = (
    Verb("p", "priority…", "priority", ("queue",), reordering),
    Verb("C", "cancel…", "cancel", ("backgrounders", "queue"), cancelling),
    Verb("N", "run now…", "run_now", ("ended",), running_again),
    Verb("N", "run now…", "fire", ("schedules",), firing),
    Verb("E", "on/off…", "enable", ("schedules",), switching),
    Verb("R", "resume…", "resume", ("ended",), resuming_task),
    Verb("D", "drain…", "drain", ("backgrounders", "nodes"), draining),
    Verb("R", "resume…", "drain", ("backgrounders", "nodes"), resuming_node),
)


def verbs_of(pane: str, rights: Rights, row: Row | None = None) -> list[Verb]:
    """Return the verbs that a pane has for somebody; given a row, those that would do something."""
    return [
        verb
        for verb in VERBS
        if pane in verb.panes
        and rights.may(verb.right)
        and (row is None or verb.deed(row) is not None)
    ]
