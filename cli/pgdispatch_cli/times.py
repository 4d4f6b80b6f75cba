"""Spans and instants, as people write and read them."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

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


def format_minutes(seconds: float) -> str:
    """Return a span to the minute, as of what is foretold: `1 h 05 min`."""
    hours, rest = divmod(round(seconds / 60), 60)
    return f"{hours} h {rest:02} min" if hours else f"{rest} min"


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
    """Return an instant for people, in the zone of `shown_zone`, to the second."""
    return _shown(instant).strftime("%Y-%m-%d %H:%M:%S")


def format_brief(instant: datetime) -> str:
    """Return an instant where room is short: without the date if it is today."""
    shown = _shown(instant)
    is_today = shown.date() == _shown(datetime.now(UTC)).date()
    return shown.strftime("%H:%M:%S" if is_today else "%Y-%m-%d %H:%M")


def format_clock(instant: datetime) -> str:
    """Return the time of day of an instant, to the second."""
    return _shown(instant).strftime("%H:%M:%S")


def format_fraction(instant: datetime) -> str:
    """Return the time of day of an instant, to the millisecond."""
    return _shown(instant).strftime("%H:%M:%S.%f")[:-3]


def format_day(instant: datetime) -> str:
    """Return the day of an instant."""
    return _shown(instant).strftime("%Y-%m-%d")


def shown_zone() -> str:
    """Return the IANA name of the time zone in which instants are shown: this machine's.

    Where that has no name, it is the one with the present offset, or UTC.
    """
    return _shown_zone(os.environ.get("TZ", ""))


def zone_label() -> str:
    """Return how the zone in which instants are shown is called for people."""
    zone = shown_zone().replace("Etc/UTC", "UTC")
    return f"UTC{-int(zone[7:]):+d}" if zone.startswith("Etc/GMT") and zone[7:] else zone


def local_zone(environment: Mapping[str, str], localtime: Path) -> str | None:
    """Return the IANA name of this machine's time zone; None if it is not known."""
    name = environment.get("TZ", "").removeprefix(":")
    name = name or str(localtime.resolve()).partition("zoneinfo/")[2]
    return name if name and _is_zone(name) else None


@cache
def _shown_zone(tz: str) -> str:
    name = local_zone({"TZ": tz}, Path("/etc/localtime"))
    if name is None:
        offset = datetime.now().astimezone().utcoffset() or timedelta(0)
        hours, rest = divmod(offset, timedelta(hours=1))
        name = f"Etc/GMT{-hours:+d}" if hours and not rest else "UTC"
    return name if _is_zone(name) else "UTC"


def _is_zone(name: str) -> bool:
    try:
        return bool(ZoneInfo(name).key)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        return False


def _shown(instant: datetime) -> datetime:
    with suppress(OverflowError, ValueError):  # at the very ends of Python's calendar
        return instant.astimezone(UTC if shown_zone() == "UTC" else ZoneInfo(shown_zone()))
    return instant


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


def parse_past(text: str, *, now: datetime) -> datetime:
    """Return the instant that `text` says: ISO 8601, `HH:MM` (the last one), or a span before now.

    Without an offset it is a time of this machine's time zone. Raises ValueError.
    """
    text = text.strip()
    try:
        if CLOCK.fullmatch(text):
            return parse_instant(text, now=now - timedelta(days=1))
        if re.fullmatch(r"\d{4}-.+", text):
            return parse_instant(text, now=now)
        return now - parse_span(text)
    except (ValueError, OverflowError):
        raise ValueError(
            f"{text!r} is not a time such as 2026-01-31T22:00, 22:00 or 6h (ago)"
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
