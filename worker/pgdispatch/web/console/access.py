"""Who may in: by a database password, by the word of a proxy, or by a token used once."""

from __future__ import annotations

import hmac
import logging
import re
import secrets
from dataclasses import dataclass, field

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import Response

from pgdispatch.database import conninfo
from pgdispatch.errors import PgdispatchError
from pgdispatch.web.console.login import Login, ShutOutError, login_of
from pgdispatch.web.console.options import ConsoleOptions
from pgdispatch.web.console.sessions import LIFE, Session, Sessions

logger = logging.getLogger("pgdispatch")

COOKIE = "pgdispatch"
LONGEST = 1000  # characters of a password
NAME = re.compile(r"[^\0]{1,63}")
WRONG = "the database does not let you in by that name and password"


@dataclass(eq=False)
class Access:
    """The door: makes sessions and finds those of requests. `address`: of the console itself."""

    options: ConsoleOptions
    sessions: Sessions
    address: str
    entries: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(4))
    pass_token: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)

    def session_of(self, request: Request, *, is_person: bool = True) -> Session | None:
        """Return the session of a request; None: who asks has to sign in.

        Whom a proxy names has one at once. Raises `FullError`, and `ShutOutError` if it names
        nobody.
        """
        if self.options.access != "proxy":
            found = self.sessions.find(self.id_in(request), is_person=is_person)
            request.scope["session"] = found
            return found
        user = named_user(request.headers.getlist(self.options.user_header or ""))
        found = self.sessions.find(user, is_person=is_person)
        if found is None:
            login = Login(user, self.options.dsn, user, is_read_only=self.options.is_read_only)
            found = self._enter(request, login, name=user)
        request.scope["session"] = found
        return found

    async def sign_in(self, request: Request, user: str, password: str) -> Session:
        """Return a session for a database user. Raises `ShutOutError`, `AwayError`, `FullError`.

        Unknown names are refused as wrong passwords are, after the same time.
        """
        address = address_of(request)
        if not self.sessions.may_try(user, address):
            raise ShutOutError("too many tries", hint="wait a minute, then try again")
        if not NAME.fullmatch(user) or not 0 < len(password) <= LONGEST or "\0" in password:
            raise ShutOutError(WRONG)
        login = login_of(self.options.dsn, user, password, is_read_only=self.options.is_read_only)
        link = await to_thread.run_sync(login.open, limiter=self.entries)
        self.sessions.forget_tries(user, address)
        try:
            session = self._enter(request, login)
        except PgdispatchError:
            link.close()
            raise
        session.adopt(link)
        return session

    def enter_by_token(self, request: Request, token: str) -> Session | None:
        """Return a session for whoever has the token, which is good for once; None for others."""
        if not hmac.compare_digest(token.encode(), self.pass_token.encode()):
            return None
        self.pass_token = secrets.token_urlsafe(32)
        logger.info("console: the next one enters by %s", self.entrance())
        user = conninfo.resolve(self.options.dsn)["user"]
        login = Login(user, self.options.dsn, is_read_only=self.options.is_read_only)
        return self._enter(request, login)

    def entrance(self) -> str:
        """Return the address that people open in a browser, with the token if one is needed."""
        if self.options.access != "none":
            return f"{self.address}/"
        return f"{self.address}/enter/{self.pass_token}"

    def leave(self, request: Request, response: Response) -> None:
        """End the session of a request."""
        self.sessions.end(self.id_in(request))
        response.delete_cookie(
            self.cookie_name(request),
            path=self._cookie_path(),
            secure=_is_https(request),
            httponly=True,
            samesite="strict",
        )

    def mark(self, request: Request, response: Response) -> None:
        """Give the browser the cookie of a session that this request has made."""
        made = request.scope.get("made_session")
        if made is not None:
            response.set_cookie(
                self.cookie_name(request),
                made,
                max_age=int(LIFE),
                path=self._cookie_path(),
                secure=_is_https(request),
                httponly=True,
                samesite="strict",
            )

    def cookie_name(self, request: Request) -> str:
        """Return the name of the cookie; browsers keep promises that begin with underscores."""
        if not _is_https(request):
            return COOKIE
        return f"__Secure-{COOKIE}" if self.options.base_path else f"__Host-{COOKIE}"

    def _enter(self, request: Request, login: Login, name: str | None = None) -> Session:
        if name is None:
            self.sessions.end(self.id_in(request))
            request.scope["made_session"] = name = secrets.token_urlsafe(32)
        session = self.sessions.add(name, login)
        logger.info("console: %s signed in from %s", login.person, address_of(request))
        return session

    def id_in(self, request: Request) -> str | None:
        """Return under which name the session of a request is, if there is one."""
        if self.options.access == "proxy":
            session = request.scope.get("session")
            return session.person if session else None
        return request.scope.get("made_session") or request.cookies.get(self.cookie_name(request))

    def _cookie_path(self) -> str:
        return f"{self.options.base_path}/"


def named_user(names: list[str]) -> str:
    """Return the user that a proxy names. Raises `ShutOutError` if that is not one, or no user."""
    if len(names) != 1 or not NAME.fullmatch(names[0]) or names[0].lower() == "none":
        raise ShutOutError("the proxy before this console does not say who you are")
    return names[0]


def address_of(request: Request) -> str:
    """Return where a request came from."""
    return request.client.host if request.client else "somewhere"


def _is_https(request: Request) -> bool:
    return bool(request.scope["scheme"] == "https")
