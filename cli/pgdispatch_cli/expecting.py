"""When a job starts, in words: about when, between which times, or that it is beyond the horizon.

Never a guess: nothing is said where there is no forecast that is fresh.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import psycopg
from psycopg.rows import dict_row

from pgdispatch_cli.statements import JOB_FORECASTS
from pgdispatch_cli.times import format_clock, format_instant

Forecast = Mapping[str, Any]
FIELDS = ("starts_early_at", "starts_at", "starts_late_at", "late_chance", "beyond")
SOON = timedelta(hours=20)  # the time of day alone tells which day it is


def forecasts_of(connection: psycopg.Connection, jobs: Sequence[int]) -> dict[int, Forecast]:
    """Return what is said of jobs, by their numbers.

    Transaction: joins the caller's.
    """
    cursor = psycopg.Cursor(connection, row_factory=dict_row)
    return {row["job"]: row for row in cursor.execute(JOB_FORECASTS, [list(jobs)])}


def starts(forecast: Forecast | None) -> str:
    """Return when it starts, with the interval of four in five: `03:10 (03:02 to 03:25)`."""
    return _said(forecast, "starts")


def ends(forecast: Forecast | None) -> str:
    """Return likewise when it ends."""
    return _said(forecast, "ends")


def starts_in_brief(forecast: Forecast | None) -> str:
    """Return when it starts, without the interval: `03:10`, `after 08:00`."""
    return _said(forecast, "starts").partition(" (")[0]


def chance(share: float | None) -> str:
    """Return a chance in per cent; nothing for none, `<1 %` for one that is not quite none."""
    if share is None:
        return ""
    if 0 < share < 0.005:
        return "<1 %"
    return f"{share * 100:.0f} %"


def _said(forecast: Forecast | None, what: str) -> str:
    if forecast is None:
        return ""
    middle, until = forecast[f"{what}_at"], forecast["until"]
    if middle is None:
        return f"after {clock(until, forecast['made_at'])}"
    early, late = forecast[f"{what}_early_at"], forecast[f"{what}_late_at"]
    at = forecast["made_at"]
    if late is not None and clock(early, at) == clock(late, at):
        return clock(middle, at)
    upto = f"to {clock(late, at)}" if late is not None else f"or after {clock(until, at)}"
    return f"{clock(middle, at)} ({clock(early, at)} {upto})"


def clock(instant: datetime, seen_from: datetime) -> str:
    """Return an instant to the minute, with its day if that is not plain."""
    if instant - seen_from < SOON:
        return format_clock(instant)[:5]
    return format_instant(instant)[:16]
