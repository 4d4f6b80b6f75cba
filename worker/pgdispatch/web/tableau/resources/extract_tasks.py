"""Extract refresh tasks: all, one, Run Now, and an end to one."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from pgdispatch.web.tableau import statements
from pgdispatch.web.tableau.call import ALL, Call, Row
from pgdispatch.web.tableau.resources.jobs import described
from pgdispatch.web.tableau.route import IN_SITE, Answer, Route
from pgdispatch.web.tableau.writing import element, with_text

TASKS = IN_SITE + "tasks/extractRefreshes"
FULL, INCREMENTAL = "RefreshExtractTask", "IncrementExtractTask"


def list_tasks(call: Call) -> Answer:
    """Answer with all tasks at once, as Tableau's server does, unless pages are asked for."""
    return call.listed(statements.EXTRACT_TASKS, _task, "tasks", usual=ALL)


def show_task(call: Call) -> Answer:
    """Answer with one task."""
    return [_task(call.one("task", statements.EXTRACT_TASK))]


def run_task(call: Call) -> Answer:
    """Start a task by hand, before all others."""
    task = call.one("task", statements.EXTRACT_TASK)
    return [described(call, call.do(statements.RUN_NOW, task=task["id"])["job"])]


def delete_task(call: Call) -> Answer:
    """Delete a task; its jobs and their history stay."""
    task = call.one("task", statements.EXTRACT_TASK)
    call.do(statements.DELETE, kind="task", name=str(task["id"]))
    return []


def list_of_schedule(call: Call) -> Answer:
    """Answer with the site's extract refresh tasks that are on a schedule."""
    call.one("schedule", statements.SCHEDULE)
    return call.listed(
        statements.EXTRACTS_OF_SCHEDULE, _extract, "extracts", luid=call.luid("schedule")
    )


def schedule_of(row: Row) -> list[Element]:
    """Return the schedule of a task, if it has one."""
    if row["schedule"] is None:
        return []
    return [
        element(
            "schedule",
            id=row["schedule_luid"],
            name=row["schedule"],
            state="Active" if row["schedule_enabled"] else "Suspended",
            priority=row["schedule_priority"],
            nextRunAt=row["schedule_next_run_at"],
            executionOrder=row["schedule_execution"].capitalize(),
        )
    ]


def _task(row: Row) -> Element:
    last = [] if row["last_run_at"] is None else [with_text("lastRunAt", row["last_run_at"])]
    refresh = element(
        "extractRefresh",
        *schedule_of(row),
        _datasource(row),
        *last,
        id=row["luid"],
        priority=row["priority"],
        consecutiveFailedCount=row["failures"],
        type=_type(row),
        state="Suspended" if row["is_suspended"] else "Active" if row["enabled"] else "Disabled",
    )
    return element("task", refresh)


def _extract(row: Row) -> Element:
    return element(
        "extract", _datasource(row), id=row["luid"], priority=row["priority"], type=_type(row)
    )


def _datasource(row: Row) -> Element:
    return element("datasource", id=row["thing_luid"], name=row["thing"])


def _type(row: Row) -> str:
    return INCREMENTAL if row["type"] == "incremental_extract" else FULL


ROUTES = (
    Route("GET", TASKS, "task", list_tasks),
    Route("GET", TASKS + "/{id}", "task", show_task),
    Route("POST", TASKS + "/{id}/runNow", "task", run_task),
    Route("DELETE", TASKS + "/{id}", "task", delete_task, 204),
    Route("GET", IN_SITE + "schedules/{id}/extracts", "schedule", list_of_schedule),
)
