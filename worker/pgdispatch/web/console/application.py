"""The console's application: pages, verbs and the door, behind the guard."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import quote, unquote
from zoneinfo import ZoneInfo

import psycopg
from anyio import CapacityLimiter, to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from pgdispatch.errors import InvalidInputError, NotFoundError, PgdispatchError
from pgdispatch.version import VERSION
from pgdispatch.web.console import json_answers, refusals, rendering, verbs
from pgdispatch.web.console.access import Access, address_of
from pgdispatch.web.console.asked import Asked
from pgdispatch.web.console.guard import Guard, check_token, form_of, query_of
from pgdispatch.web.console.login import AwayError, Link, ShutOutError
from pgdispatch.web.console.options import ConsoleOptions
from pgdispatch.web.console.pace import Pace
from pgdispatch.web.console.page import Page
from pgdispatch.web.console.pages import PAGES
from pgdispatch.web.console.reading import Reader
from pgdispatch.web.console.sessions import FullError, Notice, Session, Sessions
from pgdispatch.web.tableau.errors import refusal_of
from pgdispatch.web.tableau.front import METHODS, Front

logger = logging.getLogger("pgdispatch")

ZONE_COOKIE = "pgdispatch-zone"
ACTIONS = 4  # at once
DENSITY = "pgdispatch-density"  # a cookie, too
DENSITIES = ("normal", "compact", "comfortable")
LONG = 365 * 86400  # seconds that the choice is kept
SMALL, LEVEL = 1000, 5  # bytes that are sent as they are, and how hard gzip tries with more
LOOK_EVERY = 30.0  # seconds
TIDY = 15.0  # seconds between looks for sessions whose time is over
Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(eq=False)
class Console:
    """All that requests share."""

    options: ConsoleOptions
    access: Access
    reader: Reader = field(default_factory=Reader)
    pace: Pace = field(default_factory=Pace)
    actions: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(ACTIONS))
    away_since: datetime | None = None
    looked_ahead_at: float = float("-inf")

    def application(self) -> ASGIApp:
        """Return the ASGI application."""
        routes = [
            *(Route(page.PATH, self.guarded(partial(self.page, page))) for page in PAGES),
            *(
                Route(path, self.guarded(partial(self.as_json, find)))
                for path, find in json_answers.PATHS.items()
            ),
            Route("/enter", self.guarded(self.door), methods=["GET", "POST"]),
            Route("/enter/{token}", self.guarded(self.enter_by_token)),
            Route("/leave", self.guarded(self.leave), methods=["POST"]),
            *([] if self.options.is_read_only else self.ways_to_act()),
            Route("/static/{name}", self.static),
            *(self.ways_of_clients() if self.options.is_tableau_api else []),
        ]
        inner = Starlette(
            routes=routes,
            exception_handlers={HTTPException: self.wrong_path},
            lifespan=self.lifespan,
        )
        inner.router.redirect_slashes = False
        packed = GZipMiddleware(inner, SMALL, LEVEL)
        return Guard(packed, self.options, lambda error: refusal_of(error, "site").response())

    @asynccontextmanager
    async def lifespan(self, _: Starlette) -> AsyncIterator[None]:
        """End sessions whose time is over, and all of them at the end."""

        async def tidy() -> None:
            while True:
                await asyncio.sleep(TIDY)
                self.access.sessions.end_old()

        task = asyncio.create_task(tidy())
        yield
        task.cancel()
        self.access.sessions.end_all()

    def guarded(self, serve: Endpoint) -> Endpoint:
        """Return an endpoint that always answers, and that gives new sessions their cookie."""

        async def endpoint(request: Request) -> Response:
            try:
                response = await serve(request)
            except (PgdispatchError, psycopg.Error) as error:
                response = self.refused(request, refusals.explain(error))
            except Exception:
                logger.exception("console: %s broke", request.url.path)
                response = PlainTextResponse("the console broke; its log says how\n", 500)
            self.access.mark(request, response)
            return response

        return endpoint

    async def page(self, page: Page, request: Request) -> Response:
        """Answer with a page, or with its panels alone."""
        query = {name: values[-1] for name, values in query_of(request).items()}
        is_part = query.pop("part", None) == "1"
        is_chosen = query.pop("density", None) is not None
        session = self.access.session_of(request, is_person=not is_part)
        if session is None:
            return self.to_door(request, is_part=is_part)
        rights = await self.reader.rights(session)
        path = {name: str(value) for name, value in request.path_params.items()}
        asked = Asked(path, query, rights, zone_of(request))
        answer = await self.reader.read(session, page, asked)
        self.away_since = None
        if answer.context.get("is_expecting"):
            await self.look_ahead(session)
        around = {
            **answer.context,
            "asked": asked,
            "now": answer.at,
            "frame": "part.html" if is_part else "base.html",
            "notice": None if is_part else session.take_notice(),
            "here": page,
        }
        begun = time.monotonic()
        response = self.html(page.TEMPLATE, request, session, around)
        if is_chosen:
            root = f"{self.options.base_path}/"
            response.set_cookie(DENSITY, density_of(request), LONG, path=root, samesite="strict")
        if is_part:
            response = _unless_known(request, response)
            took = answer.took + time.monotonic() - begun
            response.headers["X-Ask-Again"] = str(self.pace.spend(took))
        return response

    async def as_json(
        self, find: Callable[[Link, Mapping[str, Any]], object], request: Request
    ) -> Response:
        """Answer with what is forecast, for programs."""
        session = self.access.session_of(request)
        if session is None:
            return self.to_door(request, is_part=True)
        await self.reader.rights(session)
        found = await self.reader.alone(session, lambda link, _: find(link, request.path_params))
        await self.look_ahead(session)
        return json_answers.answer(found)

    async def look_ahead(self, session: Session) -> None:
        """Say in the database that somebody looks at the forecast, twice a minute at most.

        It is then made more often. A console that only reads does not, and who may not is not
        told: the pages say how old what they show is.
        """
        now = time.monotonic()
        if self.options.is_read_only or now - self.looked_ahead_at < LOOK_EVERY:
            return
        self.looked_ahead_at = now
        with suppress(PgdispatchError, psycopg.Error):
            await to_thread.run_sync(verbs.look_ahead, session.login, limiter=self.actions)

    async def door(self, request: Request) -> Response:
        """Show the form to sign in, or take it."""
        if self.options.access != "login":
            raise NotFoundError("nobody signs in here")
        back = self.way_back(request.query_params.get("back"))
        if request.method != "POST":
            return self.html("enter.html", request, None, {"back": back, "refusal": None})
        fields = await form_of(request)
        back = self.way_back(fields.get("back", [""])[0])
        user = fields.get("user", [""])[0]
        try:
            await self.access.sign_in(request, user, fields.get("password", [""])[0])
        except (ShutOutError, FullError, AwayError) as error:
            around = {"back": back, "refusal": error}
            return self.html("enter.html", request, None, around, refusals.status_of(error))
        return RedirectResponse(self.options.base_path + back, 303)

    async def enter_by_token(self, request: Request) -> Response:
        """Let somebody in who has the token of the address that was printed."""
        session = None
        if self.options.access == "none":
            session = self.access.enter_by_token(request, request.path_params["token"])
        if session is None:
            raise ShutOutError(
                "that address has been used, or never was one",
                hint="the console prints a new one each time that one is used",
            )
        return RedirectResponse(f"{self.options.base_path}/", 303)

    async def leave(self, request: Request) -> Response:
        """Sign out: the session ends, and its connection with it."""
        session = self.access.session_of(request)
        fields = await form_of(request)
        response = RedirectResponse(f"{self.options.base_path}/enter", 303)
        if session is not None:
            check_token(fields, session.token)
            self.access.leave(request, response)
        return response

    def ways_to_act(self) -> list[Route]:
        """Return the routes of the verbs, which a console that only looks has not."""
        return [
            Route("/confirm/{verb}", self.guarded(self.confirm)),
            Route("/do/{verb}", self.guarded(self.do), methods=["POST"]),
        ]

    def ways_of_clients(self) -> list[Route]:
        """Return the routes of the front for Tableau's clients: all below /api/ is theirs."""
        serve = Front(self.options, self.access, self.reader, self.actions).serve
        paths = ("/api/{version}/{path:path}", "/api/{version:path}")
        return [Route(path, serve, methods=METHODS) for path in paths]

    async def confirm(self, request: Request) -> Response:
        """Say what a verb will do, with the button that does it."""
        session = self.access.session_of(request)
        if session is None:
            return self.to_door(request)
        await self.reader.rights(session)
        verb, given = verbs.known(request.path_params["verb"]), query_of(request)
        around = {
            "confirmation": await self.reader.alone(
                session, lambda link, _: verbs.confirmation(link, verb, given), zone_of(request)
            ),
            "back": self.way_back(given.get("back", [""])[-1]),
            "frame": "part.html" if "part" in given else "base.html",
        }
        return self.html("confirm.html", request, session, around)

    async def do(self, request: Request) -> Response:
        """Do a verb, as the person who asks, and go back with a notice of what became of it."""
        session = self.access.session_of(request)
        if session is None:
            return self.to_door(request, is_part=True)
        fields = await form_of(request)
        check_token(fields, session.token)
        verb, address = verbs.known(request.path_params["verb"]), address_of(request)
        try:
            session.notice = await to_thread.run_sync(
                verbs.act, session.login, verb, fields, address, limiter=self.actions
            )
        except InvalidInputError as error:
            session.notice = Notice("refused", error.message, error.detail, error.hint)
        self.reader.forget()  # whoever acts sees what came of it
        back = self.way_back(fields.get("back", [""])[-1])
        base, path = self.options.base_path, session.notice.path
        return RedirectResponse(rendering.url(base, path) if path else base + back, 303)

    async def static(self, request: Request) -> Response:
        """Answer with a file of ours, which never changes under its name."""
        found = rendering.static_files().get(request.path_params["name"])
        if found is None:
            return PlainTextResponse("there is no such file\n", 404)
        content, kind = found
        headers = {"Cache-Control": "public, max-age=31536000, immutable"}
        return Response(content, media_type=kind, headers=headers)

    def to_door(self, request: Request, *, is_part: bool = False) -> Response:
        """Send somebody without a session to where they can get one."""
        if is_part or self.options.access != "login":
            raise ShutOutError(
                "you have not signed in, or not lately",
                hint="load the page again" if is_part else "open the address that was printed",
            )
        path = quote(request.url.path.removeprefix(self.options.base_path))
        back = f"{path}?{request.url.query}".rstrip("?")
        target = rendering.url(self.options.base_path, "/enter", back=back if back != "/" else None)
        return RedirectResponse(target, 303)

    def way_back(self, path: str | None) -> str:
        """Return a path of ours to go to, whatever it was said to be."""
        fits = path is not None and path.startswith("/") and path[1:2] not in ("/", "\\")
        is_plain = path is not None and path.isascii() and path.isprintable() and "\\" not in path
        return path if path is not None and fits and is_plain and len(path) < 2000 else "/"

    def refused(self, request: Request, error: PgdispatchError) -> Response:
        """Answer with why something is not to be had; there is nothing of rows on it."""
        session: Session | None = request.scope.get("session")
        if isinstance(error, AwayError):
            self.away_since = self.away_since or datetime.now(UTC)
        if isinstance(error, ShutOutError):
            session = None
            self.access.sessions.end(self.access.id_in(request))
        notice = session and session.take_notice()
        around = {"refusal": error, "since": self.away_since, "notice": notice}
        response = self.html("refused.html", request, session, around, refusals.status_of(error))
        if isinstance(error, AwayError) and self.away_since is not None:
            response.headers["X-No-Answer-Since"] = self.away_since.isoformat(timespec="seconds")
        return response

    async def wrong_path(self, request: Request, error: Exception) -> Response:
        """Answer to a path that there is not, with the way to one that there is."""
        if isinstance(error, HTTPException) and error.status_code == 405:
            return PlainTextResponse("that is not to be had so\n", 405, error.headers)
        return self.refused(request, NotFoundError("there is no such page"))

    def html(
        self,
        template: str,
        request: Request,
        session: Session | None,
        around: Mapping[str, object],
        status: int = 200,
    ) -> Response:
        """Render a template for somebody."""
        base = self.options.base_path
        given = {
            "person": session and session.person,
            "rights": session and session.rights,
            "token": session.token if session else "",
            "base": base,
            "url": partial(rendering.url, base),
            "static": lambda name: f"{base}/static/{rendering.static_name(name)}",
            "pages": PAGES,
            "path": quote(request.url.path.removeprefix(base)),
            "zone": zone_of(request),
            "density": density_of(request),
            "may_leave": session is not None and self.options.access == "login",
            "version": VERSION,
            **around,
        }
        return HTMLResponse(rendering.environment().get_template(template).render(given), status)


def make_console(options: ConsoleOptions, address: str) -> Console:
    """Return the console that is at `address`, without a slash at its end."""
    return Console(options, Access(options, Sessions(options.max_people), address))


def zone_of(request: Request) -> str:
    """Return the time zone that the browser named; UTC if it named none that there is."""
    name = unquote(request.cookies.get(ZONE_COOKIE, ""))
    with suppress(Exception):  # whatever a name can be: a folder, too long, no text
        if "/" in name and len(name) <= 64 and name.isascii():
            return ZoneInfo(name).key
    return "UTC"


def density_of(request: Request) -> str:
    """Return how high rows are: as the query asks, else as it was asked for last."""
    found = request.query_params.get("density") or request.cookies.get(DENSITY)
    return found if found in DENSITIES else DENSITIES[0]


def _unless_known(request: Request, response: Response) -> Response:
    mark = f'W/"{rendering.fingerprint(bytes(response.body).decode())}"'
    if request.headers.get("if-none-match") == mark:
        response = Response(status_code=304)
    response.headers["ETag"] = mark
    return response
