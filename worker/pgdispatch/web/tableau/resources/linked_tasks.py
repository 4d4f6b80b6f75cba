"""Linked tasks: all with their steps, one, and Run Now."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from pgdispatch.web.tableau import statements
from pgdispatch.web.tableau.call import ALL, Call, Row
from pgdispatch.web.tableau.resources.extract_tasks import schedule_of
from pgdispatch.web.tableau.route import IN_SITE, Answer, Route
from pgdispatch.web.tableau.writing import element

LINKED = IN_SITE + "tasks/linked"


def list_linked(call: Call) -> Answer:
    """Answer with all linked tasks at once, unless pages are asked for."""
    found, pagination = call.page(statements.LINKED_TASKS, usual=ALL)
    return [pagination, element("linkedTasks", *_with_steps(call, found))]


def show_linked(call: Call) -> Answer:
    """Answer with one linked task."""
    return _with_steps(call, [call.one("task", statements.LINKED_TASK)])


def run_linked(call: Call) -> Answer:
    """Start a linked task by hand: its first step that can run."""
    found = call.one("task", statements.LINKED_TASK)
    job = call.do(statements.RUN_NOW_LINKED_TASK, linked_task=found["id"])["job"]
    (row,) = call.rows(statements.JOB, job=job)
    call.noted(row["luid"], job)
    return [
        element(
            "linkedTaskJob",
            id=row["luid"],
            linkedTaskId=found["luid"],
            status="Pending",
            createdAt=row["created_at"],
        )
    ]


def _with_steps(call: Call, found: list[Row]) -> list[Element]:
    steps = call.rows(statements.LINKED_STEPS, linked_tasks=[row["id"] for row in found])
    return [_linked(row, [step for step in steps if step["linked_task"] == row["id"]])
            for row in found]  # fmt: skip


def _linked(row: Row, steps: list[Row]) -> Element:
    return element(
        "linkedTasks",
        *schedule_of(row),
        element("linkedTaskSteps", *(_step(step) for step in steps)),
        id=row["luid"],
        numSteps=len(steps),
    )


def _step(row: Row) -> Element:
    run = element(
        "flowRun",
        element("flow", id=row["flow_luid"], name=row["title"]),
        id=row["task_luid"],
        priority=row["priority"],
        consecutiveFailedCount=row["failures"],
        type="RunFlowTask",
    )
    return element(
        "linkedTaskSteps",
        element("task", run),
        id=row["luid"],
        stepNumber=row["number"],
        stopDownstreamTasksOnFailure=row["stop_on_failure"],
    )


ROUTES = (
    Route("GET", LINKED, "task", list_linked),
    Route("GET", LINKED + "/{id}", "task", show_linked),
    Route("POST", LINKED + "/{id}/runNow", "task", run_linked),
)
