"""Refusals in Tableau's form: a status, a code of six digits, a summary and a detail."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

import psycopg
from starlette.responses import Response

from pgdispatch.errors import (
    ConfinedError,
    DuplicateRunError,
    InvalidInputError,
    NotFoundError,
    PgdispatchError,
    RunNowForbiddenError,
    WrongStateError,
)
from pgdispatch.web.console import refusals
from pgdispatch.web.console.guard import GuardError
from pgdispatch.web.console.login import AwayError, ShutOutError
from pgdispatch.web.console.refusals import LateError, NotAllowedError
from pgdispatch.web.console.sessions import FullError
from pgdispatch.web.tableau.writing import document, element, with_text

MEDIA_TYPE = "application/xml"
SOON = "60"  # seconds until it may be tried again
FORBIDDEN, UNAUTHORIZED, NAME_TAKEN, DUPLICATE = "403004", "401002", "409021", "409093"
NOT_FOUND = {
    "site": "404000",
    "user": "404002",
    "datasource": "404004",
    "project": "404005",
    "workbook": "404006",
    "job": "404018",
    "schedule": "404023",
    "subscription": "404025",
    "task": "404026",
    "flow": "404027",
    "webhook": "404003",
}


STATUSES: dict[type[PgdispatchError], tuple[int, str, str]] = {
    ShutOutError: (401, UNAUTHORIZED, ""),
    FullError: (429, "429000", SOON),
    AwayError: (503, "503000", SOON),
    LateError: (503, "503000", SOON),
    DuplicateRunError: (409, DUPLICATE, ""),
    InvalidInputError: (400, "400000", ""),
    WrongStateError: (409, "409000", ""),
    NotAllowedError: (403, FORBIDDEN, ""),
    ConfinedError: (403, FORBIDDEN, ""),
    RunNowForbiddenError: (403, FORBIDDEN, ""),
}
BROKEN = 500, "500000", ""


class RefusedError(PgdispatchError):
    """A request that is refused, with the status and Tableau's code for it."""

    def __init__(
        self, status: int, code: str, message: str, detail: str | None = None, *, again: str = ""
    ) -> None:
        super().__init__(message, detail=detail)
        self.status = status
        self.code = code
        self.again = again


@dataclass(frozen=True)
class Refusal:
    """What a client is told. `again`: after how many seconds to ask again; empty: not."""

    status: int
    code: str
    detail: str
    again: str = ""

    def response(self) -> Response:
        """Return the answer."""
        summary = HTTPStatus(self.status).phrase
        error = element(
            "error", with_text("summary", summary), with_text("detail", self.detail), code=self.code
        )
        headers = {"Retry-After": self.again} if self.again else {}
        return Response(document([error]), self.status, headers, MEDIA_TYPE)


def not_found(kind: str, name: object) -> RefusedError:
    """Return what tells that there is no such thing, or none that this person may see."""
    return RefusedError(404, NOT_FOUND[kind], f"{kind} {name} does not exist")


def refusal_of(error: PgdispatchError | psycopg.Error, kind: str) -> Refusal:
    """Return how to tell of an error; `kind`: of what the request was about."""
    if isinstance(error, RefusedError):
        return Refusal(error.status, error.code, _said(error), error.again)
    if isinstance(error, psycopg.errors.UniqueViolation):
        return Refusal(409, NAME_TAKEN, "that name is taken")
    if isinstance(error, psycopg.DataError | psycopg.IntegrityError):
        return Refusal(400, "400000", _said(refusals.explain(error)))
    told = refusals.explain(error)
    status, code, again = _status_of(told, kind)
    return Refusal(status, code, _said(told), again)


def _status_of(error: PgdispatchError, kind: str) -> tuple[int, str, str]:
    if isinstance(error, GuardError):
        return error.status, f"{error.status}000", ""
    if isinstance(error, NotFoundError):
        return 404, NOT_FOUND[kind], ""
    if isinstance(error, WrongStateError) and kind == "job":
        return 403, "403091", ""  # it has ended
    return next((told for known, told in STATUSES.items() if isinstance(error, known)), BROKEN)


def _said(error: PgdispatchError) -> str:
    return "; ".join(part for part in (error.message, error.detail, error.hint) if part)
