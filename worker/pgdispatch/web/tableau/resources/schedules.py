"""Schedules, which belong to no site: all, one, and new, changed and deleted ones."""

from __future__ import annotations

import re
from typing import TypeVar
from xml.etree.ElementTree import Element

from pgdispatch.web.tableau import statements
from pgdispatch.web.tableau.call import Call, Row
from pgdispatch.web.tableau.errors import RefusedError
from pgdispatch.web.tableau.frequency import frequency_of, recurrence_of
from pgdispatch.web.tableau.parsing import child
from pgdispatch.web.tableau.route import Answer, Route
from pgdispatch.web.tableau.writing import element

TYPES = {"subscription": "Subscription", "flow": "Flow", "system": "System", "alert": "System"}
EXECUTIONS = {"Parallel": "parallel", "Serial": "serial", None: None}
Meaning = TypeVar("Meaning")
STATES = {"Active": True, "Suspended": False, None: None}


def list_schedules(call: Call) -> Answer:
    """Answer with the schedules that the person may see."""
    return call.listed(statements.SCHEDULES, _schedule, "schedules")


def show_schedule(call: Call) -> Answer:
    """Answer with one schedule."""
    return [_schedule(call.one("schedule", statements.SCHEDULE))]


def add_schedule(call: Call) -> Answer:
    """Add a schedule; its time zone is UTC until somebody says otherwise."""
    asked = child(call.body, "schedule")
    name, recurrence = asked.get("name"), _recurrence(asked)
    if not name or recurrence is None:
        raise RefusedError(400, "400000", "a schedule needs a name, a frequency and its details")
    added = call.do(
        statements.ADD_SCHEDULE,
        name=_text(name),
        priority=_priority(asked) or 50,
        execution=_word(asked, "executionOrder", EXECUTIONS) or "parallel",
        recurrence=recurrence,
    )
    return [_schedule(call.rows(statements.SCHEDULE, luid=added["luid"])[0])]


def change_schedule(call: Call) -> Answer:
    """Change what is named, and leave the rest as it is."""
    former, asked = call.one("schedule", statements.SCHEDULE), child(call.body, "schedule")
    changed = call.rows(
        statements.CHANGE_SCHEDULE,
        name=former["name"],
        priority=_priority(asked),
        execution=_word(asked, "executionOrder", EXECUTIONS),
        recurrence=_recurrence(asked),
        enabled=_word(asked, "state", STATES),
    )
    if not changed:
        raise RefusedError(403, "403004", "you may not change that schedule")
    new_name = asked.get("name")
    if new_name and new_name != former["name"]:
        call.do(statements.RENAME_SCHEDULE, name=former["name"], new_name=_text(new_name))
    return [_schedule(call.one("schedule", statements.SCHEDULE))]


def delete_schedule(call: Call) -> Answer:
    """Delete a schedule; its tasks stay, without one."""
    found = call.one("schedule", statements.SCHEDULE)
    call.do(statements.DELETE, kind="schedule", name=found["name"])
    return []


def _schedule(row: Row) -> Element:
    frequency, details = frequency_of(row["recurrence"])
    return element(
        "schedule",
        *details,
        id=row["luid"],
        name=row["name"],
        state="Active" if row["enabled"] else "Suspended",
        priority=row["priority"],
        createdAt=row["created_at"],
        updatedAt=row["updated_at"],
        type=TYPES.get(row["task_type"], "Extract"),
        frequency=frequency,
        nextRunAt=row["next_run_at"],
        executionOrder=row["execution"].capitalize(),
    )


def _recurrence(asked: Element) -> str | None:
    frequency, details = asked.get("frequency"), asked.find("frequencyDetails")
    if frequency is None or details is None:
        return None
    return recurrence_of(frequency, details)


def _priority(asked: Element) -> int | None:
    text = asked.get("priority")
    if text is not None and not re.fullmatch(r"\d{1,3}", text, re.ASCII):
        raise RefusedError(400, "400008", "a priority is a whole number from 1 to 100")
    return None if text is None else int(text)


def _word(asked: Element, name: str, words: dict[str | None, Meaning]) -> Meaning:
    text = asked.get(name)
    if text not in words:
        choices = " or ".join(word for word in words if word is not None)
        raise RefusedError(400, "400008", f"{name} is {choices}")
    return words[text]


def _text(text: str) -> str:
    if "\0" in text:
        raise RefusedError(400, "400008", "there is a character in it that no name has")
    return text


ROUTES = (
    Route("GET", "schedules", "schedule", list_schedules),
    Route("POST", "schedules", "schedule", add_schedule, 201),
    Route("GET", "schedules/{id}", "schedule", show_schedule),
    Route("PUT", "schedules/{id}", "schedule", change_schedule),
    Route("DELETE", "schedules/{id}", "schedule", delete_schedule, 204),
)
