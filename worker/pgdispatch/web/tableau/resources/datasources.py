"""Datasources, which workbooks are, too: what an extract refresh task of a site refreshes."""

from __future__ import annotations

from functools import partial
from xml.etree.ElementTree import Element

from pgdispatch.web.tableau import statements
from pgdispatch.web.tableau.call import Call, Row
from pgdispatch.web.tableau.errors import RefusedError
from pgdispatch.web.tableau.resources.jobs import described
from pgdispatch.web.tableau.resources.sites import project
from pgdispatch.web.tableau.route import IN_SITE, Answer, Route
from pgdispatch.web.tableau.writing import element

WHOLE, PARTLY = ["full_extract", "extract_creation"], ["incremental_extract"]
KINDS = ("datasource", "workbook")


def list_them(kind: str, call: Call) -> Answer:
    """Answer with what the site's tasks refresh, by name."""
    inside = project(call)
    return call.listed(statements.DATASOURCES, partial(_shown, kind, inside), f"{kind}s")


def show_one(kind: str, call: Call) -> Answer:
    """Answer with one of them."""
    return [_shown(kind, project(call), call.one(kind, statements.DATASOURCE))]


def refresh(kind: str, call: Call) -> Answer:
    """Run the task that refreshes it: wholly, or by what is new if that is asked for."""
    found = call.one(kind, statements.DATASOURCE)
    asked = call.body.find("extractRefresh")
    is_partly = asked is not None and asked.get("incremental", "").lower() == "true"
    types = PARTLY if is_partly else WHOLE
    tasks = call.rows(statements.TASK_OF_DATASOURCE, luid=found["luid"], types=types)
    if not tasks:
        raise RefusedError(
            404,
            "404026",
            f"{kind} {found['name']} has no task of type {' or '.join(types)} that could be run",
            f"add one: pgdispatch task add TITLE {types[0]} --datasource …",
        )
    job = call.do(statements.RUN_NOW, task=tasks[0]["task"])["job"]
    return [described(call, job)]


def _shown(kind: str, inside: Element, row: Row) -> Element:
    return element(
        kind,
        inside,
        id=row["luid"],
        name=row["name"],
        contentUrl=row["name"],
        createdAt=row["created_at"],
        updatedAt=row["updated_at"],
        hasExtracts=True,
    )


ROUTES = tuple(
    route
    for kind in KINDS
    for route in (
        Route("GET", f"{IN_SITE}{kind}s", kind, partial(list_them, kind)),
        Route("GET", f"{IN_SITE}{kind}s/{{id}}", kind, partial(show_one, kind)),
        Route("POST", f"{IN_SITE}{kind}s/{{id}}/refresh", kind, partial(refresh, kind), 202),
    )
)
