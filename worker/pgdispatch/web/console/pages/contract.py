"""One contract: how it stands, what decides, its terms, and what people were told of it."""

from __future__ import annotations

from typing import Any

import psycopg

from pgdispatch.web.console.asked import Asked
from pgdispatch.web.console.pages import statements
from pgdispatch.web.console.pages.contracts import axis
from pgdispatch.web.console.pages.finding import find
from pgdispatch.web.console.reading import ask

PATH = "/contract/{contract:int}"
TITLE = None
TEMPLATE = "contract.html"


def read(connection: psycopg.Connection[dict[str, Any]], asked: Asked, /) -> dict[str, object]:
    """Return one contract. Raises `NotFoundError`.

    Transaction: joins the caller's; reads only.
    """
    number = asked.number("contract", 1) or 0
    found = find(connection, statements.CONTRACT, "contract", contract=number)
    return {
        "title": f"{found[0]['name']} · contract {number}",
        "section": "Contracts",
        "contract": found[0],
        "found": found,
        "axis": axis(found[0], asked.zone),
        "told": ask(connection, statements.CONTRACT_TOLD, contract=number),
        "changes": ask(connection, statements.CHANGES, kind="contract", name=str(number)),
    }
