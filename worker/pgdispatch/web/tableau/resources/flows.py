"""Flows, which are tasks of type flow, and their runs, which are jobs."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from pgdispatch.web.tableau import statements
from pgdispatch.web.tableau.call import Call, Row
from pgdispatch.web.tableau.errors import not_found
from pgdispatch.web.tableau.resources.jobs import cancel_job, described, status_of
from pgdispatch.web.tableau.resources.sites import project
from pgdispatch.web.tableau.route import IN_SITE, Answer, Route
from pgdispatch.web.tableau.writing import element


def list_flows(call: Call) -> Answer:
    """Answer with the flows of the site."""
    inside = project(call)
    return call.listed(statements.FLOWS, lambda row: _flow(inside, row), "flows")


def show_flow(call: Call) -> Answer:
    """Answer with one flow."""
    return [_flow(project(call), call.one("flow", statements.FLOW))]


def run_flow(call: Call) -> Answer:
    """Start a flow by hand; it keeps its priority."""
    flow = call.one("flow", statements.FLOW)
    return [described(call, call.do(statements.RUN_NOW, task=flow["id"])["job"])]


def list_runs(call: Call) -> Answer:
    """Answer with the runs of flows, newest first if nothing else is asked."""
    return call.listed(statements.FLOW_RUNS, lambda row: _run(call, row), "flowRuns")


def show_run(call: Call) -> Answer:
    """Answer with one run."""
    return [_run(call, _run_row(call))]


def cancel_run(call: Call) -> Answer:
    """Cancel a run, as its job is cancelled."""
    _run_row(call)
    return cancel_job(call)


def _run_row(call: Call) -> Row:
    found = call.rows(statements.FLOW_RUNS.rows + statements.OF_JOB, job=call.job_number())
    if not found:
        raise not_found("job", call.path["id"])
    return found[0]


def _flow(inside: Element, row: Row) -> Element:
    return element(
        "flow",
        inside,
        id=row["flow_luid"],
        name=row["title"],
        createdAt=row["created_at"],
        updatedAt=row["updated_at"],
    )


def _run(call: Call, row: Row) -> Element:
    call.noted(row["luid"], row["id"])
    return element(
        "flowRuns",
        id=row["luid"],
        flowId=row["flow_luid"],
        status=status_of(row),
        startedAt=row["started_at"],
        completedAt=row["completed_at"],
        progress=max(0, row["progress"]),
        backgroundJobId=row["luid"],
    )


ROUTES = (
    Route("GET", IN_SITE + "flows", "flow", list_flows),
    Route("GET", IN_SITE + "flows/runs", "job", list_runs),
    Route("GET", IN_SITE + "flows/runs/{id}", "job", show_run),
    Route("PUT", IN_SITE + "flows/runs/{id}", "job", cancel_run),
    Route("GET", IN_SITE + "flows/{id}", "flow", show_flow),
    Route("POST", IN_SITE + "flows/{id}/run", "flow", run_flow),
)
