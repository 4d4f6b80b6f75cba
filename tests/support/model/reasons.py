"""Why each waiting job waits: the reasons of semantics.md §5, without any SQL."""

from __future__ import annotations

from datetime import datetime, timedelta

from support.model.jobs import Job
from support.model.model import Model


def reasons(model: Model, job: Job) -> set[str]:
    """Return all reasons of a waiting job; with several, any of them may be shown."""
    found = set()
    if job.not_before is not None and model.is_early(job):
        found.add(f"not before {_told(job.not_before, model.now)}")
    if busy := model.busy_data(job):
        found.add(f"datasource busy (job {busy.id})")
    found |= {f"serial schedule busy (job {other.id})" for other in model.busy_schedule(job)}
    found |= {_told_pause(model, *which) for which in model.pauses_of(job)}
    return found | _reasons_of_site(model, job) | _reasons_of_nodes(model, job)


def _told_pause(model: Model, scope: str, name: str | None) -> str:
    until = model.pauses[scope, name]
    what = "everything" if name is None else f"{scope} {name}"
    end = "" if until is None else f", until {_told(until, model.now)}"
    return f"paused ({what}, by tester{end}: a story)"


def _reasons_of_site(model: Model, job: Job) -> set[str]:
    running, limit = model.running_of(job.site), job.site.running_limit
    found = set()
    if limit is not None and running >= limit:
        found.add(f"site limit ({running} of {limit} running)")
    if job.site.is_spent(model.now):
        refill = job.site.refilled_at(model.now) + timedelta(days=1)
        found.add(f"site budget spent (refill {_told(refill, model.now)})")
    return found


def _told(instant: datetime, now: datetime) -> str:
    """Return an instant as reasons tell it: without the day if it is today; UTC."""
    return instant.strftime("%H:%M" if instant.date() == now.date() else "%Y-%m-%d %H:%M")


def _reasons_of_nodes(model: Model, job: Job) -> set[str]:
    takers = [node for node in model.nodes.values() if node.takes(job.type)]
    if not takers:
        return {f"no node takes {job.type}{' job' if job.type == 'system' else ''}s"}
    if not all(node.is_drained for node in takers):
        return set()
    names = sorted(node.name for node in takers)
    more = f"{names[0]} and {len(names) - 1} more"
    return {f"paused ({more if len(names) > 3 else ', '.join(names)} drained)"}


def shown_reasons(model: Model) -> list[set[str]]:
    """Return, for each waiting job in order, what may be shown as its reason."""
    shown: list[set[str]] = []
    ahead = 0
    for job in model.waiting():
        found = reasons(model, job)
        shown.append(found or {f"next in line behind {ahead}"})
        ahead += not found
    return shown
