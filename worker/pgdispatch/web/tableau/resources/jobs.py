"""Jobs: what waits, runs and has ended; one of them; and an end to one."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from pgdispatch.web.tableau import statements
from pgdispatch.web.tableau.call import Call, Row
from pgdispatch.web.tableau.errors import not_found
from pgdispatch.web.tableau.route import IN_SITE, Answer, Route
from pgdispatch.web.tableau.writing import element, with_text

REASON = "cancelled by way of the REST API"
ENDINGS = {0: "Success", 1: "Failed", 2: "Cancelled"}
TYPES = {
    "refresh_extracts": "RefreshExtract",
    "increment_extracts": "RefreshExtract",
    "create_extracts": "CreateExtracts",
    "run_flow": "RunFlow",
    "single_subscription_notify": "Subscription",
    "check_data_alert": "CheckDataAlert",
}
MODE = "Asynchronous"


def list_jobs(call: Call) -> Answer:
    """Answer with the jobs of the site, newest first if nothing else is asked."""

    def show(row: Row) -> Element:
        call.noted(row["luid"], row["id"])
        return element(
            "backgroundJob",
            id=row["luid"],
            status=status_of(row),
            createdAt=row["created_at"],
            startedAt=row["started_at"],
            endedAt=row["completed_at"],
            priority=row["priority"],
            jobType=row["job_type"],
            title=row["title"],
            subtitle=row["subtitle"],
        )

    return call.listed(statements.JOBS, show, "backgroundJobs")


def show_job(call: Call) -> Answer:
    """Answer with one job, which `wait_for_job` asks for until it has ended."""
    return [described(call, call.job_number())]


def cancel_job(call: Call) -> Answer:
    """Cancel a job: one that waits ends at once, one that runs is asked to stop."""
    call.do(statements.CANCEL, job=call.job_number(), reason=REASON)
    return []


def described(call: Call, job: int) -> Element:
    """Return a job with all that clients read. Raises `RefusedError` if the person sees none."""
    found = call.rows(statements.JOB, job=job)
    if not found:
        raise not_found("job", call.path.get("id", job))
    row = found[0]
    call.noted(row["luid"], job)
    return element(
        "job",
        *_notes(row),
        *_of_what(row),
        id=row["luid"],
        mode=MODE,
        type=type_of(row["job_type"]),
        progress=max(0, row["progress"]),
        createdAt=row["created_at"],
        startedAt=row["started_at"],
        updatedAt=row["updated_at"],
        completedAt=row["completed_at"],
        finishCode=row["finish_code"],
        title=row["title"],
    )


def status_of(row: Row) -> str:
    """Return how a job is doing, in Tableau's words."""
    if row["progress"] == 100:
        return ENDINGS[row["finish_code"]]
    return "Pending" if row["progress"] < 0 else "InProgress"


def type_of(job_type: str) -> str:
    """Return the type of a job as the answer on one job has it."""
    return TYPES.get(job_type, job_type)


def _notes(row: Row) -> list[Element]:
    if not row["notes"]:
        return []
    return [element("statusNotes", with_text("notes", row["notes"]))]


def _of_what(row: Row) -> list[Element]:
    if row["type"] == "flow":
        flow = element("flow", id=row["flow_luid"], name=row["task_title"] or row["title"])
        return [element("runFlowJobType", flow, flowRunId=row["luid"])]
    if row["thing_luid"] is None:
        return []
    datasource = element("datasource", id=row["thing_luid"], name=row["thing"])
    return [element("extractRefreshJob", datasource)]


ROUTES = (
    Route("GET", IN_SITE + "jobs", "job", list_jobs),
    Route("GET", IN_SITE + "jobs/{id}", "job", show_job),
    Route("PUT", IN_SITE + "jobs/{id}", "job", cancel_job),
)
