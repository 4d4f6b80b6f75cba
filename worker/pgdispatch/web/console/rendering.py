"""From what was read to HTML: everything from rows is text, and comes out inert."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from pgdispatch.host.streams import printable
from pgdispatch.web.console.pages import filters

HERE = Path(__file__).parent
STATIC = HERE / "static"
KINDS = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


def inert(value: Any) -> Any:
    """Return what a template writes for a value: texts with what is not printable escaped."""
    if value is None:
        return ""
    if hasattr(value, "__html__") or not isinstance(value, str):
        return value
    return printable(value)


def lines(text: str) -> Markup:
    """Return a text of several lines, inert but for its ends of lines, for `<pre>`."""
    return Markup("\n").join(escape(printable(line)) for line in text.expandtabs(4).splitlines())


def exactly(text: str) -> Markup:
    """Return a text as it stands, to be copied from `<pre>`, inert if it is not of ours alone."""
    return Markup("\n").join(escape(printable(line)) for line in text.split("\n"))


def fingerprint(text: str) -> str:
    """Return a short text by which another text can be told from others."""
    digest = hashlib.sha256(text.encode(errors="replace")).digest()
    return base64.urlsafe_b64encode(digest[:12]).decode()


@cache
def static_files() -> dict[str, tuple[bytes, str]]:
    """Return the static files by the names they are served under, with a hash, and their kinds."""
    found = {}
    for path in sorted(STATIC.iterdir()):
        if path.suffix in KINDS:
            content = path.read_bytes()
            mark = hashlib.sha256(content).hexdigest()[:12]
            found[f"{path.stem}.{mark}{path.suffix}"] = (content, KINDS[path.suffix])
    return found


def static_name(name: str) -> str:
    """Return under which name a static file is served."""
    stem, _, suffix = name.rpartition(".")
    for served in static_files():
        head, _, tail = served.rpartition(".")
        if tail == suffix and head.rpartition(".")[0] == stem:
            return served
    raise KeyError(name)


def url(base: str, path: str, /, **query: object) -> str:
    """Return the address of a page under `base`; what is None is left out of the query."""
    given = {name.rstrip("_"): value for name, value in query.items() if value is not None}
    return base + quote(path, safe="/:@") + (f"?{urlencode(given)}" if given else "")


@cache
def environment() -> Environment:
    """Return what templates are rendered by; a name that is not there is an error."""
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=inert,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(filters.FILTERS)
    made.globals.update(filters.GLOBALS)
    made.filters["lines"] = lines
    made.filters["exactly"] = exactly
    made.filters["fingerprint"] = fingerprint
    return made
