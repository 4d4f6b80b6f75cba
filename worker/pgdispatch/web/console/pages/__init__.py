"""The pages of the console, in the order of its navigation."""

from __future__ import annotations

from pgdispatch.web.console.page import Page
from pgdispatch.web.console.pages import (
    ahead,
    calendar,
    calendars,
    contract,
    contracts,
    gates,
    health,
    history,
    job,
    job_type,
    job_types,
    late,
    linked_task,
    linked_tasks,
    node,
    nodes,
    now,
    queue,
    schedule,
    schedules,
    site,
    sites,
    task,
    tasks,
    timeline,
)

PAGES: tuple[Page, ...] = (
    *(now, queue, history, timeline, gates, ahead, schedules, tasks, contracts, sites, nodes),
    *(health, calendars, calendar, late, contract),
    *(job, schedule, task, linked_tasks, linked_task, site, node, job_types, job_type),
)
