"""Times that people give in a query, in the zone of their page."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from pgdispatch.errors import InvalidInputError
from pgdispatch.web.console.asked import Asked

FORM = "%Y-%m-%dT%H:%M"
FIRST, LAST = 1900, 9000  # years that a time may be of, as schedules have it


def instant(asked: Asked, name: str) -> datetime | None:
    """Return the instant that a parameter names; without an offset it is in the page's zone.

    None if there is none. Raises `InvalidInputError`.
    """
    text = asked.text(name, 40)
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
        found = found if found.tzinfo else found.replace(tzinfo=ZoneInfo(asked.zone))
        found = found.astimezone(ZoneInfo("UTC"))
    except (ValueError, OverflowError):
        raise InvalidInputError(f"{name} is no time", hint="such as 2027-01-31T20:00") from None
    if not FIRST <= found.year < LAST:
        raise InvalidInputError(
            f"{name} is of the year {found.year}", hint=f"it is one from {FIRST} to {LAST - 1}"
        )
    return found


def in_field(at: datetime | None, zone: str) -> str:
    """Return an instant as a field of a form shows it, in a zone; nothing for none."""
    return "" if at is None else at.astimezone(ZoneInfo(zone)).strftime(FORM)
