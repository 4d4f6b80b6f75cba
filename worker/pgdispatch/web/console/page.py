"""What a page is: a module of `pages` with a path, a title, a template, and what it reads."""

from __future__ import annotations

from typing import Any, Protocol

import psycopg

from pgdispatch.web.console.asked import Asked


class Page(Protocol):
    """A module of `pages`.

    `PATH` is Starlette's, with `{id:int}` or `{name}` where needed; `TITLE` its word in the
    navigation, None: it is not there; `TEMPLATE` a file of `templates`.
    """

    @property
    def PATH(self) -> str: ...  # noqa: D102, N802  # of a module, see above

    @property
    def TITLE(self) -> str | None: ...  # noqa: D102, N802

    @property
    def TEMPLATE(self) -> str: ...  # noqa: D102, N802

    def read(
        self, connection: psycopg.Connection[dict[str, Any]], asked: Asked, /
    ) -> dict[str, object]:
        """Return what the template shows.

        Raises `NotFoundError` for what there is not, `InvalidInputError` for a wrong query.

        Transaction: joins the caller's, which is read only and sees one snapshot.
        """
