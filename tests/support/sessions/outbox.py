"""Rules of notices, what is in the outbox, and a node that has targets, for tests."""

from __future__ import annotations

import uuid
from typing import Any

from support.sessions.clock import Clock
from support.sessions.verbs import Verbs

NODE = "teller"


def tell(verbs: Verbs, what: str, target: str = "ops", **columns: Any) -> int:
    """Add a rule."""
    return int(verbs.add("notice_rule", what=what, target=target, **columns))


def told(verbs: Verbs, *fields: str) -> list[tuple[Any, ...]]:
    """Return fields of all notices, in the order in which they were recorded."""
    rows = verbs.rows("select * from pgdispatch.notice_status order by notice")
    return [tuple(row[field] for field in fields or ("what", "target")) for row in rows]


def tend(verbs: Verbs) -> int:
    """Let a supervisor see to the notices; return how many deliveries it made."""
    return int(verbs.value("select pgdispatch.tend_notices()"))


def reach(verbs: Verbs, *targets: str) -> uuid.UUID:
    """Have a live node with targets."""
    incarnation = verbs.register(NODE, types=["notice"])
    verbs.run("select pgdispatch.report_targets(%s, %s, %s)", NODE, incarnation, list(targets))
    return incarnation


def beat(verbs: Verbs, clock: Clock, incarnation: uuid.UUID, seconds: float) -> None:
    """Let time pass in which that node gives a sign of life, and others look for lost nodes."""
    clock.advance(seconds)
    verbs.run("select from pgdispatch.heartbeat(%s, %s)", NODE, incarnation)


def delivery(verbs: Verbs) -> dict[str, Any]:
    """Start the next delivery on that node and return its id and args."""
    job = verbs.claim(f"{NODE}:1", ["notice"])
    return verbs.row("select id, args from pgdispatch.job where id = %s", job)
