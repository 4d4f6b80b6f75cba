"""What the front answers with, a module for each kind of thing."""

from __future__ import annotations

from pgdispatch.web.tableau.resources import (
    datasources,
    extract_tasks,
    flows,
    jobs,
    linked_tasks,
    schedules,
    sites,
    subscriptions,
    webhooks,
)
from pgdispatch.web.tableau.route import Route

ROUTES: tuple[Route, ...] = (
    *sites.ROUTES,
    *jobs.ROUTES,
    *extract_tasks.ROUTES,
    *datasources.ROUTES,
    *flows.ROUTES,
    *linked_tasks.ROUTES,
    *subscriptions.ROUTES,
    *schedules.ROUTES,
    *webhooks.ROUTES,
)
