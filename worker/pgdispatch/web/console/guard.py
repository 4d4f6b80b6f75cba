"""What stands before every page: who may ask, under which name, how much; and safe headers."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from urllib.parse import parse_qsl

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pgdispatch.errors import PgdispatchError
from pgdispatch.web.console.options import ConsoleOptions, is_loopback

POLICY = "; ".join(
    (
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:",
        "connect-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
    )
)  # fmt: skip
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",  # with no-referrer browsers send a null Origin with forms
}
METHODS = ("GET", "HEAD", "POST")
API, API_METHODS = "/api/", ("GET", "POST", "PUT", "DELETE")
BODY, FIELDS, MANY = 64 * 1024, 32, 1000  # bytes; fields; how often `job` beside them
PATH, QUERY = 2 * 1024, 8 * 1024  # characters; bytes
TOKEN = "_token"  # noqa: S105  # the name of a field


class GuardError(PgdispatchError):
    """A request that is not served; `status` is that of the answer."""

    def __init__(self, status: int, message: str, *, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.status = status


class StrangeFormError(GuardError):
    """A form that is none of the session's pages."""


def plainly(error: GuardError) -> ASGIApp:
    """Return the answer that tells of an error in plain text."""
    return PlainTextResponse(f"{error.message}\n", error.status)


@dataclass(frozen=True)
class Guard:
    """Wraps the application: every answer goes out through it, even to what is refused.

    `refused_client`: the answer to one of Tableau's clients, which read no plain text.
    """

    application: ASGIApp
    options: ConsoleOptions
    refused_client: Callable[[GuardError], ASGIApp] = plainly

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it."""
        if scope["type"] != "http":
            await self.application(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        served = self.application
        try:
            self._look_at(scope)
        except GuardError as error:
            served = plainly(error)
            if self._is_api(scope):
                served = self.refused_client(error)
        await served(scope, receive, send_guarded)

    def _look_at(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        peer = scope["client"][0] if scope.get("client") else ""
        scope["peer"] = peer
        if is_trusted(peer, self.options.trust_from):
            _believe(scope, headers)
        is_api = self._is_api(scope)
        if scope["method"] not in (API_METHODS if is_api else METHODS):
            raise GuardError(405, "that is not to be had so")
        host = scope["asked_host"] = scope.get("asked_host") or headers.get("host", "")
        if name_of(host) not in self.options.names():
            raise GuardError(421, "this console is not asked by that name")
        if self.options.access == "proxy" and not is_trusted(peer, self.options.trust_from):
            raise GuardError(403, "this console is asked by way of its proxy only")
        if not (scope["scheme"] == "https" or is_loopback(peer) or self.options.is_insecure):
            raise GuardError(403, "this console is served to other machines by https only")
        if len(scope["path"]) > PATH or len(scope["query_string"]) > QUERY:
            raise GuardError(414, "the address is too long")
        if (
            scope["method"] == "POST" and not is_api
        ):  # which takes no cookies, so no page can lend any
            check_origin(headers, f"{scope['scheme']}://{host}")
        self._go_below(scope)

    def _is_api(self, scope: Scope) -> bool:
        path: str = scope["path"]
        return self.options.is_tableau_api and path.startswith(f"{self.options.base_path}{API}")

    def _go_below(self, scope: Scope) -> None:
        base = self.options.base_path
        if base and not scope["path"].startswith(f"{base}/"):
            raise GuardError(404, f"the console is at {base}/")
        scope["root_path"] = base


def is_trusted(peer: str, addresses: Iterable[str]) -> bool:
    """Tell whether a request came from one of `addresses`, which may be networks."""
    try:
        return any(ip_address(peer) in ip_network(address) for address in addresses)
    except ValueError:
        return False


def name_of(host: str) -> str:
    """Return the name in a Host header, without the port."""
    bare = host.strip().lower()
    if bare.startswith("["):
        return bare[1:].partition("]")[0]
    return bare.partition(":")[0].rstrip(".")


def check_origin(headers: Mapping[str, str], own: str) -> None:
    """Raise `GuardError` unless a form comes from a page of ours, which browsers tell."""
    if headers.get("origin", "").lower() != own.lower():
        raise GuardError(403, "that does not come from a page of this console")
    if headers.get("sec-fetch-site", "same-origin") != "same-origin":
        raise GuardError(403, "that does not come from a page of this console")


async def form_of(request: Request) -> dict[str, list[str]]:
    """Return the fields of a form. Raises `GuardError` if it is too large, or none."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise GuardError(415, "that is no form")
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > BODY:
            raise GuardError(413, "the form is too large")
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=FIELDS + MANY,
        )
    except ValueError:
        raise GuardError(400, "the form cannot be read") from None
    return _fields(pairs)


def check_token(fields: Mapping[str, list[str]], token: str) -> None:
    """Raise `GuardError` unless a form is of this session."""
    given = fields.get(TOKEN, [""])[0]
    if not hmac.compare_digest(given.encode(), token.encode()):
        raise StrangeFormError(
            403, "that form is none of this session", hint="load the page again, then try again"
        )


def query_of(request: Request) -> dict[str, list[str]]:
    """Return the query. Raises `GuardError` if it is too large."""
    return _fields(request.query_params.multi_items())


def _fields(pairs: list[tuple[str, str]]) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    for name, value in pairs:
        fields.setdefault(name, []).append(value)
    jobs = len(fields.get("job", []))
    if len(pairs) - jobs > FIELDS or jobs > MANY:
        raise GuardError(
            400, "that is too much at once", hint=f"up to {FIELDS} fields and {MANY} jobs will do"
        )
    return fields


def _believe(scope: Scope, headers: Mapping[str, str]) -> None:
    """Take over what a proxy says of who asked it, and how."""
    scheme = headers.get("x-forwarded-proto", "").strip().lower()
    if scheme in ("http", "https"):
        scope["scheme"] = scheme
    host = headers.get("x-forwarded-host", "").strip()
    if host:
        scope["asked_host"] = host
    address = headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
    if address:
        scope["client"] = (address, 0)
