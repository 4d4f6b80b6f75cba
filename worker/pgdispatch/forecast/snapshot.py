"""Reads forecast_input into a Plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import inf
from typing import Any

import psycopg

from pgdispatch.forecast.plan import (
    Firing,
    JobType,
    Key,
    LinkedTask,
    Node,
    Pause,
    Plan,
    QueuedJob,
    Schedule,
    Settings,
    Site,
    Step,
    Task,
)
from pgdispatch.forecast.run import MICROS
from pgdispatch.forecast.statements import FORECAST_INPUT

VERSION = 1


def forecast_input(connection: psycopg.Connection[Any], hours: float = 12.0) -> dict[str, Any]:
    """Return what the function of the same name says of the coming hours.

    Transaction: joins the caller's; reads only.
    """
    ((found,),) = connection.execute(FORECAST_INPUT, (hours,)).fetchall()
    return dict(found)


def read_plan(document: Mapping[str, Any]) -> Plan:
    """Return what forecast_input said as a plan.

    Raises ValueError if it is of a later form than is known here.
    """
    if document["version"] != VERSION:
        raise ValueError(f"forecast_input says version {document['version']}, {VERSION} is known")
    served = document["served"]
    return Plan(
        made_at=document["made_at"],
        until=document["until"],
        settings=_settings(document["settings"]),
        types={row["name"]: JobType(**row) for row in document["types"]},
        sites={row["name"]: _site(row) for row in document["sites"]},
        nodes=tuple(_node(row) for row in document["nodes"]),
        pauses=tuple(_pause(row) for row in document["pauses"]),
        schedules=tuple(_schedule(row) for row in document["schedules"]),
        tasks={row["id"]: _task(row) for row in _rows(document["tasks"])},
        linked_tasks=tuple(_linked_task(row) for row in document["linked_tasks"]),
        jobs=tuple(sorted(map(_job, _rows(document["jobs"])), key=lambda job: job.key)),
        served={(task, at): is_missed for task, at, is_missed in served["tasks"]},
        linked_served={(task, at): is_missed for task, at, is_missed in served["linked_tasks"]},
    )


def _rows(listed: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    columns = listed["columns"]
    return (dict(zip(columns, row, strict=True)) for row in listed["rows"])


def _settings(values: Mapping[str, Any]) -> Settings:
    return Settings(
        batch=values["batch_seconds"] * MICROS,
        history=values["history_hours"] * 3600 * MICROS,
        is_shorter_first=values["tie_break"] == "history",
        max_losses=values["max_losses"],
        grace=values["overrun_grace_seconds"] * MICROS,
        suspend_after=values["suspend_after_failures"],
        retry_base=values["retry_base_seconds"] * MICROS,
        retry_max=values["retry_max_seconds"] * MICROS,
    )


def _site(row: Mapping[str, Any]) -> Site:
    seconds = row["seconds_limit"]
    return Site(
        name=row["name"],
        running_limit=row["running_limit"],
        seconds_limit=None if seconds is None else seconds * MICROS,
        over_budget=row["over_budget"],
        run_now_enabled=row["run_now_enabled"],
        spent=round(row["spent"] or 0),
        refilled_at=row["refilled_at"] or 0,
        refills=tuple(row["refills"] or ()),
        timeouts=row["timeouts"] or {},
    )


def _node(row: Mapping[str, Any]) -> Node:
    types = row["types"]
    return Node(
        name=row["name"],
        backgrounders=row["backgrounders"],
        types=None if types is None else frozenset(types),
        is_drained=row["is_drained"],
        drain_ends_at=row["drain_ends_at"],
        closings=tuple((begin, end) for begin, end in row["closings"]),
    )


def _pause(row: Mapping[str, Any]) -> Pause:
    return Pause(row["scope"], row["name"], row["from"], row["until"])


def _schedule(row: Mapping[str, Any]) -> Schedule:
    firing = row["firing"]
    return Schedule(
        name=row["name"],
        id=row["id"],
        priority=row["priority"],
        is_serial=row["is_serial"],
        is_custom=row["is_custom"],
        runs=tuple(row["runs"]),
        closed=tuple(row["closed"]),
        firing=None
        if firing is None
        else Firing(
            at=firing["at"],
            runs=tuple(firing["runs"]),
            missed=tuple(firing["missed"]),
            after_task=firing["after_task"],
            after_linked_task=firing["after_linked_task"],
        ),
    )


def _task(row: dict[str, Any]) -> Task:
    row["leaving"] = tuple((at, micros) for at, micros in row["leaving"] or ())
    return Task(**row)


def _linked_task(row: dict[str, Any]) -> LinkedTask:
    return LinkedTask(**row | {"steps": tuple(Step(*step) for step in row["steps"])})


def _job(row: dict[str, Any]) -> QueuedJob:
    first, second = row.pop("tie_first"), row.pop("tie_second")
    key: Key = (
        row.pop("precedence"),
        row["priority"],
        row.pop("queued_at"),
        row.pop("type_rank"),
        inf if first is None else float(first),
        inf if second is None else float(second),
        row["id"],
    )
    del row["priority"]
    return QueuedJob(**row, key=key)
