"""The forecast as JSON, for programs of whoever has signed in; rights are those of the pages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from starlette.responses import Response

from pgdispatch.errors import NotFoundError
from pgdispatch.web.console.login import Link
from pgdispatch.web.console.pages import statements
from pgdispatch.web.console.pages.expected import ask_expected
from pgdispatch.web.console.reading import Rows, ask

MOST = 10_000  # rows


def forecast(link: Link, _: Mapping[str, Any]) -> dict[str, object]:
    """Return what the last forecast was, all that it says of jobs, and the load ahead.

    Transaction: joins the caller's; reads only.
    """
    return {
        **_made(link),
        "jobs": ask_expected(link, statements.FORECASTS, most=MOST),
        "load": _load(link),
    }


def forecast_of_job(link: Link, path: Mapping[str, Any]) -> dict[str, object]:
    """Return what it says of one job. Raises `NotFoundError` if that is nothing.

    Transaction: joins the caller's; reads only.
    """
    found = ask_expected(link, statements.JOB_FORECAST, job=path["id"])
    if not found:
        raise NotFoundError(
            f"nothing is forecast of job {path['id']}",
            hint="it does not wait or run, or there is no fresh forecast",
        )
    return dict(found[0])


def forecast_of_schedules(link: Link, _: Mapping[str, Any]) -> dict[str, object]:
    """Return what it says of each coming run of a schedule.

    Transaction: joins the caller's; reads only.
    """
    return {**_made(link), "runs": ask_expected(link, statements.RUNS_AHEAD, most=MOST)}


PATHS = {
    "/forecast": forecast,
    "/forecast/jobs/{id:int}": forecast_of_job,
    "/forecast/schedules": forecast_of_schedules,
}


def answer(found: object) -> Response:
    """Return an answer: instants as ISO 8601, spans in seconds."""
    text = json.dumps(found, default=_plain)
    return Response(text, media_type="application/json", headers={"Cache-Control": "no-store"})


def _made(link: Link) -> dict[str, object]:
    found = ask(link, statements.FORECAST_MADE)
    return dict(found[0]) if found else {"made_at": None, "is_fresh": False}


def _load(link: Link) -> Rows:
    """Return the load; nothing for whoever is confined, as it is of all sites."""
    ((sees_all,),) = (row.values() for row in ask(link, statements.SEES_LOAD))
    return ask_expected(link, statements.LOAD_AHEAD) if sees_all else Rows()


def _plain(value: object) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    raise TypeError(f"a {type(value).__name__} has no form in JSON")
