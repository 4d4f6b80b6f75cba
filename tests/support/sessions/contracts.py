"""Contracts, how they stand, and what a forecast says of them, for tests."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from support.sessions.clock import Clock
from support.sessions.outbox import tend, told
from support.sessions.timetable import run_clock
from support.sessions.verbs import Verbs

NIGHTLY = {"recurrence": "daily at 02:00"}
BY_SEVEN = {"due": "daily at 07:00", "since": "7 hours"}


def promise(verbs: Verbs, **columns: Any) -> int:
    """Add a contract: by seven, with data of a run that began after midnight, if it says no more.

    It tells the target ops.
    """
    terms = {} if "max_age" in columns else BY_SEVEN
    return int(verbs.add("contract", **{"name": "sales", "target": "ops", **terms, **columns}))


def standing(verbs: Verbs, contract: int, *fields: str) -> Any:
    """Return fields of how a contract stands; its state alone if none is named."""
    row = verbs.row("select * from pgdispatch.contract_status where contract = %s", contract)
    return tuple(row[field] for field in fields) if fields else row["state"]


def run(verbs: Verbs, clock: Clock, start: datetime, end: datetime, act: str = "finish") -> int:
    """Fire what is due, let the next job begin and end at these times; return it."""
    job = begin(verbs, clock, start)
    clock.set(end)
    getattr(verbs, act)(job)
    return job


def begin(verbs: Verbs, clock: Clock, start: datetime) -> int:
    """Fire what is due, let the next job begin at this time; return it."""
    clock.set(start)
    run_clock(verbs)
    job = verbs.claim()
    if job is None:
        raise ValueError("no job is ready")
    return job


def foretell(
    verbs: Verbs, contract: int, late: int, of: int = 10, *, at: datetime | None = None
) -> None:
    """Have a forecast say of the due time that counts now in how many runs it is missed."""
    due, now = standing(verbs, contract, "due")[0], verbs.value("select pgdispatch.now()")
    said = {
        "contract": contract, "due": micros(due), "runs": of, "late": late if due > now else None,
        "median": micros(at or due), "beyond": micros(now + timedelta(hours=12)), "decided": of,
    }  # fmt: skip
    note(verbs, [said], now)


def note(verbs: Verbs, rows: list[dict[str, Any]], made_at: datetime) -> None:
    """Note what a forecast says, good for three minutes."""
    verbs.run(
        "select pgdispatch.note_contract_forecasts(%s, %s, %s)",
        made_at, made_at + timedelta(minutes=3), json.dumps(rows),
    )  # fmt: skip


def micros(at: datetime) -> int:
    """Return an instant as the simulation counts it."""
    return round(at.timestamp() * 1_000_000)


def judge(verbs: Verbs, clock: Clock) -> list[tuple[str, str]]:
    """Let a supervisor look, eleven seconds on; return what was told so far, of which states."""
    clock.advance(11)
    tend(verbs)
    return [(what, state) for what, state in told(verbs, "what", "contract_state")]
