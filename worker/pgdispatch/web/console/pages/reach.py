"""How far those look into the history who see some of it only: their rows may be few in many."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import psycopg

from pgdispatch.web.console.asked import Asked
from pgdispatch.web.console.pages import statements
from pgdispatch.web.console.reading import ask

LOOK_AT = 10_000


def reach(
    connection: psycopg.Connection[dict[str, Any]],
    asked: Asked,
    *,
    before: datetime | None = None,
    after: datetime | None = None,
    backgrounder: str | None = None,
    task: int | None = None,
    is_rare: bool = False,
) -> datetime | None:
    """Return since when 10,000 jobs of all sites had ended `before` an instant; see history_reach.

    With `after`: until when as many had. None: not so many have, or whoever asks sees all of them.

    Transaction: joins the caller's; reads only.
    """
    if asked.rights.sites is None:
        return None
    found = ask(
        connection,
        statements.REACH,
        look_at=LOOK_AT,
        before=before,
        after=after,
        backgrounder=backgrounder,
        task=task,
        is_rare=is_rare,
    )
    return found[0]["reach"] if found else None
