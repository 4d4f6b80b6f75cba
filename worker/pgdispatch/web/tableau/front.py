"""The front: finds who asks and what for, and answers in XML, whatever becomes of it.

Reading shares the connection of the person's session and the console's turns; whatever acts has a
connection and a transaction of its own, as the console's verbs have.
"""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from xml.etree.ElementTree import Element

import psycopg
from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import Response

from pgdispatch.database import session_settings
from pgdispatch.errors import PgdispatchError
from pgdispatch.host.streams import printable
from pgdispatch.version import VERSION
from pgdispatch.web.console.access import Access, address_of
from pgdispatch.web.console.login import AwayError, Link, ShutOutError
from pgdispatch.web.console.options import ConsoleOptions
from pgdispatch.web.console.reading import Reader
from pgdispatch.web.console.sessions import Session, settle
from pgdispatch.web.console.statements import ACTING
from pgdispatch.web.tableau import route as routing
from pgdispatch.web.tableau import signing
from pgdispatch.web.tableau.call import Call, KnownJobs, Place, Targets
from pgdispatch.web.tableau.errors import MEDIA_TYPE, SOON, RefusedError, not_found, refusal_of
from pgdispatch.web.tableau.pace import Pace
from pgdispatch.web.tableau.parsing import parse
from pgdispatch.web.tableau.resources import ROUTES
from pgdispatch.web.tableau.route import Answer, Route
from pgdispatch.web.tableau.writing import document, element, with_text

logger = logging.getLogger("pgdispatch")

METHODS = ["GET", "POST", "PUT", "DELETE"]
HIGHEST = (3, 25)  # the version of Tableau's API whose requests are understood
LOWEST = (2, 4)  # clients ask for the version by this one
AUTH = "x-tableau-auth"
SESSION = "\0tableau "  # no cookie and no header of a proxy can have that
BODY = 64 * 1024  # bytes
RESTING = 60.0  # seconds after which a session makes room for another
TOKENS = "\0tokens"


@dataclass(frozen=True)
class Asked:
    """A request that was read: by which route, with which parts of its path, and by whom."""

    route: Route
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Element
    place: Place


@dataclass(eq=False)
class Front:
    """All that requests share. `places`: where each session is, by its name."""

    options: ConsoleOptions
    access: Access
    reader: Reader
    actions: CapacityLimiter
    places: dict[str, Place] = field(default_factory=dict)
    paces: dict[str, Pace] = field(default_factory=dict)
    known_jobs: KnownJobs = field(default_factory=KnownJobs)

    async def serve(self, request: Request) -> Response:
        """Answer one request."""
        kind = "site"
        try:
            version, path = request.path_params["version"], request.path_params.get("path", "")
            check_version(version)
            if path == "serverInfo":
                return self.server_info(request)
            if path in ("auth/signin", "auth/signout"):
                _only(request, "POST")
                return await (self.sign_in if path == "auth/signin" else self.sign_out)(request)
            name, session = self.session_of(request)
            route, parts = routing.find(ROUTES, request.method, path)
            kind = route.kind
            return await self.answer(request, name, session, route, parts)
        except (PgdispatchError, psycopg.Error) as error:
            if isinstance(error, ShutOutError):
                self.access.sessions.end(self.name_of(request))
            refusal = refusal_of(error, kind)
            if refusal.status == 500:
                logger.exception("console: %s broke", printable(request.url.path))
            return refusal.response()
        except Exception:
            logger.exception("console: %s broke", printable(request.url.path))
            broke = RefusedError(500, "500000", "the console broke; its log says how")
            return refusal_of(broke, kind).response()

    def server_info(self, request: Request) -> Response:
        """Say which version of the API this understands; nobody has to sign in for that."""
        _only(request, "GET")
        product = with_text("productVersion", VERSION)
        product.set("build", "pgdispatch")
        rest = with_text("restApiVersion", ".".join(map(str, HIGHEST)))
        return _answer([element("serverInfo", product, rest)])

    async def sign_in(self, request: Request) -> Response:
        """Make a session for whoever has a password or a token, and may see the site."""
        given = signing.credentials_of(parse(await body_of(request)))
        address = address_of(request)
        sessions = self.access.sessions
        tried = TOKENS if given.is_token else given.name
        too_many = (  # several programs may come with one token at once
            sessions.is_barred(tried, address)
            if given.is_token
            else not sessions.may_try(tried, address)
        )
        if too_many:
            raise RefusedError(429, "429000", "too many tries", again=SOON)
        login = given.login(self.options)
        try:
            login, link, place = await to_thread.run_sync(
                signing.enter, login, given.content_url, limiter=self.access.entries
            )
        except (RefusedError, ShutOutError):
            if given.is_token:
                sessions.may_try(tried, address)
            raise signing.wrong() from None
        sessions.forget_tries(tried, address)
        sessions.make_room(SESSION, RESTING)
        token = secrets.token_urlsafe(32)
        try:
            session = sessions.add(SESSION + token, login)
        except PgdispatchError:
            link.close()
            raise
        session.adopt(link)
        self.note(SESSION + token, place)
        logger.info("console: %s signed in from %s by the REST API", login.person, address)
        return _answer([_credentials(token, place)])

    async def sign_out(self, request: Request) -> Response:
        """End the session."""
        name, _ = self.session_of(request)
        self.access.sessions.end(name)
        self.places.pop(name, None)
        return Response(status_code=204)

    def note(self, name: str, place: Place) -> None:
        """Keep where a session is, and forget those that have ended."""
        find = self.access.sessions.find
        gone = [each for each in self.places if find(each, is_person=False) is None]
        for each in gone:
            self.places.pop(each, None)
            self.paces.pop(each, None)
        self.places[name] = place

    def name_of(self, request: Request) -> str:
        """Return under which name the session of a request is."""
        return SESSION + request.headers.get(AUTH, "")

    def session_of(self, request: Request) -> tuple[str, Session]:
        """Return the session of a request, and its name. Raises `RefusedError`."""
        name = self.name_of(request)
        session = self.access.sessions.find(name)
        if session is None or name not in self.places:
            code = "401002" if AUTH in request.headers else "401000"
            raise RefusedError(401, code, "you have not signed in, or not lately")
        wait = self.paces.setdefault(name, Pace()).wait()
        if wait > 0:
            raise RefusedError(429, "429000", "that is too much at once", again=str(int(wait) + 1))
        return name, session

    async def answer(
        self,
        request: Request,
        name: str,
        session: Session,
        route: Route,
        parts: Mapping[str, str],
    ) -> Response:
        """Answer a request of somebody who has signed in."""
        place = self.places[name]
        if route.path.startswith(routing.IN_SITE) and parts["site"].lower() != str(place.site_luid):
            raise not_found("site", parts["site"][:60])
        if route.acts and self.options.is_read_only:
            raise RefusedError(403, "403004", "this console only looks")
        body = parse(await body_of(request))
        asked = Asked(route, parts, dict(request.query_params), body, place)

        def look(link: Link, _: datetime) -> Answer:
            return self.ask(link, asked)

        if not route.acts:
            return _answer(await self.reader.alone(session, look), route.status)
        found = await to_thread.run_sync(
            self.act, session, asked, address_of(request), limiter=self.actions
        )
        self.reader.forget()
        return _answer(found, route.status)

    def ask(self, link: Link, asked: Asked) -> Answer:
        """Return what a route answers.

        Transaction: joins the caller's.
        """
        targets = Targets(dict(self.options.webhook_targets))
        return asked.route.answer(
            Call(link, asked.place, asked.path, asked.query, asked.body, self.known_jobs, targets)
        )

    def act(self, session: Session, asked: Asked, address: str) -> Answer:
        """Do what is asked, and tell of it in the log.

        Transaction: one of its own, on a connection of its own, as the person of the session.
        """
        login, said = session.login, "done"
        link = login.open()
        try:
            with link.transaction():
                settle(link, login, ACTING)
                link.execute(session_settings.SAY_WHO, [login.person])
                return self.ask(link, asked)
        except psycopg.Error as error:
            said = str(error).partition("\n")[0]
            if link.closed:
                raise AwayError(
                    "the database went away before it said what became of it"
                ) from error
            raise
        except PgdispatchError as error:
            said = error.message
            raise
        finally:
            link.close()
            _tell(login.person, address, asked, said)


def check_version(text: str) -> None:
    """Raise `RefusedError` unless requests of that version of Tableau's API are understood."""
    found = re.fullmatch(r"(\d{1,2})\.(\d{1,3})", text, re.ASCII)
    if found is None or not LOWEST <= (int(found[1]), int(found[2])) <= HIGHEST:
        highest = ".".join(map(str, HIGHEST))
        raise RefusedError(
            404, "404003", f"there is no version {text[:20]!r} of the API", f"up to {highest}"
        )


async def body_of(request: Request) -> bytes:
    """Return the body of a request. Raises `RefusedError` if it is too long."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > BODY:
            raise RefusedError(413, "413000", "the request is too long", f"{BODY} bytes at most")
    return bytes(body)


def _credentials(token: str, place: Place) -> Element:
    return element(
        "credentials",
        element("site", id=place.site_luid, contentUrl=place.content_url),
        element("user", id=place.user_luid, name=place.user_name),
        token=token,
    )


def _answer(children: Answer, status: int = 200) -> Response:
    if status == 204:
        return Response(status_code=status)
    return Response(document(children), status, media_type=MEDIA_TYPE)


def _only(request: Request, method: str) -> None:
    if request.method != method:
        raise RefusedError(
            405, "405000", f"there is no {request.method} here", f"there is {method}"
        )


def _tell(person: str, address: str, asked: Asked, said: str) -> None:
    thing = asked.path.get("id", asked.body[0].get("name", "") if len(asked.body) else "")
    logger.info(
        "console: %s from %s by the REST API: %s %s %s: %s",
        *(
            printable(part)
            for part in (person, address, asked.route.method, asked.route.path, thing, said)
        ),
        extra={
            "facts": {
                "person": person,
                "address": address,
                "verb": f"{asked.route.method} {asked.route.path}",
                "answer": said,
            }
        },
    )
