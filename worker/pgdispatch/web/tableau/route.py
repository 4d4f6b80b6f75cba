"""A route of the front: which requests it is for, and what answers them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from pgdispatch.web.tableau.call import Call
from pgdispatch.web.tableau.errors import RefusedError

Answer = Sequence[Element]
IN_SITE = "sites/{site}/"


@dataclass(frozen=True)
class Route:
    """Requests of one method and path. `kind`: of what they are about. `status`: of the answer.

    In `path` a part in curly brackets stands for any. One that acts has a connection of its own,
    and is told of in the log.
    """

    method: str
    path: str
    kind: str
    answer: Callable[[Call], Answer]
    status: int = 200
    is_get_that_acts: bool = False

    @property
    def acts(self) -> bool:
        """Whether it may change something."""
        return self.method != "GET" or self.is_get_that_acts

    def match(self, path: str) -> dict[str, str] | None:
        """Return the parts of a path that vary; None: it is for another route."""
        wanted, given = self.path.split("/"), path.split("/")
        if len(wanted) != len(given):
            return None
        parts: dict[str, str] = {}
        for name, part in zip(wanted, given, strict=True):
            if name.startswith("{") and part:
                parts[name[1:-1]] = part
            elif name != part:
                return None
        return parts


def find(routes: Iterable[Route], method: str, path: str) -> tuple[Route, dict[str, str]]:
    """Return the route of a request, and the parts of its path. Raises `RefusedError`."""
    found = [(route, parts) for route in routes if (parts := route.match(path)) is not None]
    for route, parts in found:
        if route.method == method:
            return route, parts
    if found:
        allowed = ", ".join(sorted({route.method for route, _ in found}))
        raise RefusedError(405, "405000", f"there is no {method} here", f"there is {allowed}")
    raise RefusedError(404, "404003", "there is nothing at that address")
