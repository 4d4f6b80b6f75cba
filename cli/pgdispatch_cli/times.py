"""Spans and instants, as people write and read them."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import datetime, timedelta

SPAN = re.compile(r"(\d+(?:\.\d+)?) ?(ms|s|sec|m|min|h|d)(?![a-z])", re.IGNORECASE)
UNITS = {
    "ms": 0.001,
    "s": 1.0,
    "sec": 1.0,
    "m": 60.0,
    "min": 60.0,
    "h": 3600.0,
    "d": 86400.0,
}
PAIRS = (  # two units, the seconds in each, and the seconds up to which the pair serves
    ("min", "s", 60, 1, 3600),
    ("h", "min", 3600, 60, 86400),
    ("d", "h", 86400, 3600, float("inf")),
)
CLOCK = re.compile(r"\d{1,2}:\d{2}(?::\d{2})?")


def format_span(span: timedelta) -> str:
    """Return a span for people, in two units at most: `40 ms`, `3.2 s`, `1 h 02 min`."""
    seconds = span.total_seconds()
    if seconds < 0:
        return "-" + format_span(-span)
    if seconds < 9.95:
        return f"{seconds * 1000:.0f} ms" if seconds < 0.0995 else f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    unit, smaller, length, small = next(pair for pair in PAIRS if whole < pair[-1])[:4]
    count, rest = divmod(whole, length)
    return f"{count} {unit} {rest // small:02d} {smaller}"


def parse_span(text: str) -> timedelta:
    """Return the span that `text` says: `90`, `90s`, `15 min`, `1h30m`, `2d`.

    A bare number is seconds. Raises ValueError.
    """
    text = text.strip()
    if re.fullmatch(r"\d+(?:\.\d+)?", text):
        return _seconds(float(text))
    if not text or SPAN.sub("", text).strip():
        raise ValueError(f"{text!r} is not a span of time such as 90s, 15min or 1h30m")
    return _seconds(sum(float(number) * UNITS[unit.lower()] for number, unit in SPAN.findall(text)))


def format_instant(instant: datetime) -> str:
    """Return an instant for people, in the time zone of this machine, to the second."""
    with suppress(OverflowError, ValueError):  # at the very ends of Python's calendar
        instant = instant.astimezone()
    return instant.strftime("%Y-%m-%d %H:%M:%S")


def parse_instant(text: str, *, now: datetime) -> datetime:
    """Return the instant that `text` says: ISO 8601, `HH:MM` (the next one), or `+SPAN`.

    Without an offset it is a time of this machine's time zone. Raises ValueError.
    """
    text = text.strip()
    if text.startswith("+"):
        return _later(now, parse_span(text[1:]))
    if CLOCK.fullmatch(text):
        time = datetime.strptime(text, "%H:%M:%S" if text.count(":") == 2 else "%H:%M").time()
        local = now.astimezone()
        today = datetime.combine(local.date(), time)
        if today.astimezone() > local:
            return today.astimezone()
        return (today + timedelta(days=1)).astimezone()
    try:
        return datetime.fromisoformat(text).astimezone()
    except (ValueError, OverflowError):
        raise ValueError(
            f"{text!r} is not a time such as 2030-01-31T22:00, 22:00 or +15min"
        ) from None


def _later(now: datetime, span: timedelta) -> datetime:
    try:
        return now + span
    except OverflowError:
        raise ValueError("no such time: it is too far ahead") from None


def _seconds(seconds: float) -> timedelta:
    try:
        return timedelta(seconds=seconds)
    except OverflowError:
        raise ValueError("that span of time is too long") from None
