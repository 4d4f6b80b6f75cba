"""Widens intervals by what earlier forecasts have missed: see forecast_calibration."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pgdispatch.forecast.run import MICROS

MINUTE = 60 * MICROS
LEADS = ((900, "under 15 min"), (3600, "15 to 60 min"), (14_400, "1 to 4 h"))
LAST_LEAD = "over 4 h"
NARROWEST = -0.4  # an interval may become so much shorter on either side

Interval = tuple[int | None, int | None, int | None]


@dataclass(frozen=True, slots=True)
class Calibration:
    """By how much to widen: by state, what is meant (starts or ends), and lead (None: any)."""

    widened: Mapping[tuple[str, str, str | None], float]

    def of(self, state: str, what: str, lead: int) -> float:
        """Return by how much to widen what is expected in so many microseconds; 0: not known."""
        found = self.widened.get((state, what, lead_of(lead)))
        if found is None:
            found = self.widened.get((state, what, None), 0.0)
        return found


def read_calibration(rows: Iterable[Mapping[str, Any]]) -> Calibration:
    """Return what forecast_calibration said."""
    return Calibration(
        {(row["state"], row["what"], row["lead"]): max(row["widened"], NARROWEST) for row in rows}
    )


def lead_of(micros: int) -> str:
    """Return the name of a lead time, as forecast_lead has it."""
    seconds = micros / MICROS
    return next((name for upto, name in LEADS if seconds < upto), LAST_LEAD)


def widen(interval: Interval, by: float, least: int, most: int) -> Interval:
    """Return an interval widened on either side by so many times its length and a minute.

    It begins at `least` at the earliest, and its end is None if that may be after `most`. What has
    no end stays.
    """
    low, middle, high = interval
    if low is None or middle is None or high is None:
        return interval
    more = int(by * (high - low + MINUTE))
    low = min(max(low - more, least), middle)
    high = max(high + more, middle)
    return low, middle, high if high <= most else None
