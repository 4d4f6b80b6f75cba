"""Frequencies of Tableau's schedules, as recurrences in words, and back where that is possible.

Times of day are those of the schedule's time zone. What Tableau cannot say (cron, a window over
midnight) has no frequency; what is not understood here is refused, not bent.
"""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

from pgdispatch.web.tableau.errors import RefusedError
from pgdispatch.web.tableau.writing import element

DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
NTH = ("First", "Second", "Third", "Fourth", "Fifth", "Last")
BAD = "409004"  # with status 400, as Tableau has it
CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)(?::00)?", re.ASCII)
END_OF_DAY = "23:59:00"
EVERY = re.compile(
    r"every (?:(?P<minutes>15|30) minutes?|(?:(?P<hours>1|2|4|6|8|12) hours?|hour))"
    r"(?: from (?P<start>\d?\d:\d\d) to (?P<end>\d?\d:\d\d))?"
)
AT = re.compile(r"(?P<kind>daily|weekly on|monthly on)(?P<days>.*?) at (?P<start>\d?\d:\d\d)")


def recurrence_of(frequency: str, details: Element) -> str:
    """Return a frequency in words. Raises `RefusedError` for what cannot be said by them."""
    start = _time(details.get("start"), "start")
    intervals = [pair for each in details.iter("interval") for pair in each.attrib.items()]
    days = [value for name, value in intervals if name == "weekDay"]
    month_days = [value for name, value in intervals if name == "monthDay"]
    _check(frequency, days, month_days)
    if frequency in ("Hourly", "Daily"):
        step = _step(intervals)
        if days and not set(DAYS) <= set(days):
            if step is not None:
                raise _refused("one that runs every so often runs on all days here")
            return f"weekly on {_in_order(days)} at {start}"
        if step is None or step == "24 hours":
            return f"daily at {start}"
        return f"every {step}{_window(start, details.get('end'))}"
    if frequency == "Weekly":
        return f"weekly on {_in_order(days)} at {start}"
    return f"monthly on {_month_days(month_days)} at {start}"


def frequency_of(recurrence: str | None) -> tuple[str | None, list[Element]]:
    """Return the frequency of a recurrence and its details; nothing where Tableau has no such."""
    text = re.sub(r"\s+", " ", re.sub(r"\s*,\s*", ",", (recurrence or "").strip().lower()))
    every, at = EVERY.fullmatch(text), AT.fullmatch(text)
    if every is not None:
        return _hourly(every)
    if at is None:
        return None, []
    start, days = at["start"], at["days"].strip()
    if at["kind"] == "daily":
        return ("Daily", [_details(start, [])]) if not days else (None, [])
    if at["kind"] == "weekly on":
        names = [day for day in DAYS for part in days.split(",") if day.lower()[:3] == part[:3]]
        return "Weekly", [_details(start, [("weekDay", name) for name in names])]
    parts = [part.capitalize() for part in re.split("[, ]", days)]
    if " " in days:
        parts = [parts[0], *(day for day in DAYS if day[:3] == parts[1][:3])]
    else:
        parts = ["LastDay" if part == "Last" else part.lstrip("0") for part in parts]
    return "Monthly", [_details(start, [("monthDay", part) for part in parts])]


def _hourly(found: re.Match[str]) -> tuple[str | None, list[Element]]:
    start, end = found["start"] or "00:00", found["end"]
    if end is not None and _clock(end) <= _clock(start):
        return None, []  # over midnight
    name, value = ("minutes", found["minutes"]) if found["minutes"] else ("hours", found["hours"])
    return "Hourly", [_details(start, [(name, value or "1")], end=end)]


def _details(start: str, intervals: list[tuple[str, str]], end: str | None = None) -> Element:
    is_hourly = any(name in ("hours", "minutes") for name, _ in intervals)
    last = _clock(end) if end is not None else END_OF_DAY if is_hourly else None
    parts = [element("interval", **{name: value}) for name, value in intervals]
    inside = [element("intervals", *parts)] if parts else []
    return element("frequencyDetails", *inside, start=_clock(start), end=last)


def _clock(text: str) -> str:
    return f"{text:0>5}:00"


def _check(frequency: str, days: list[str], month_days: list[str]) -> None:
    if frequency not in ("Hourly", "Daily", "Weekly", "Monthly"):
        raise _refused(f"there is no frequency {frequency[:60]!r}")
    strange = [day for day in days if day not in DAYS]
    if strange or (frequency == "Weekly" and not days):
        raise _refused("days are Sunday to Saturday, each in a weekDay")
    if frequency == "Monthly" and not month_days:
        raise _refused("a monthly schedule has a monthDay: 1 to 31, LastDay, or First Monday")


def _time(text: str | None, what: str) -> str:
    found = CLOCK.fullmatch(text or "")
    if found is None:
        raise _refused(f"the {what} is a time of day such as 02:30:00")
    return f"{found[1]}:{found[2]}"


def _step(intervals: list[tuple[str, str]]) -> str | None:
    """Return how often it runs, in words; null: once a day."""
    steps = [(name, value) for name, value in intervals if name in ("hours", "minutes")]
    if not steps:
        return None
    (name, value), *more = steps
    try:
        minutes = float(value) * (60 if name == "hours" else 1)
    except ValueError:
        minutes = 0
    if more or minutes not in (15, 30, 60, 120, 240, 360, 480, 720, 1440):
        raise _refused("it runs every 15 or 30 minutes, or every 1, 2, 4, 6, 8, 12 or 24 hours")
    return f"{minutes:.0f} minutes" if minutes < 60 else f"{minutes / 60:.0f} hours"


def _window(start: str, end: str | None) -> str:
    last = "24:00" if end is None else _time(end, "end")
    if last == start or (start == "00:00" and last in ("24:00", "23:59")):
        return "" if start == "00:00" else f" from {start} to 24:00"
    return f" from {start} to {last}"


def _in_order(days: list[str]) -> str:
    return ", ".join(day.lower() for day in DAYS if day in days)


def _month_days(month_days: list[str]) -> str:
    if len(month_days) == 2 and month_days[0] in NTH and month_days[1] in DAYS:
        return " ".join(month_days).lower()
    if not all(re.fullmatch("[1-9]|[12][0-9]|3[01]|LastDay|Last", day) for day in month_days):
        raise _refused("a monthDay is 1 to 31 or LastDay, or one of First to Last and a weekday")
    return ", ".join("last" if day.startswith("Last") else day for day in month_days)


def _refused(detail: str) -> RefusedError:
    return RefusedError(400, BAD, "the frequency cannot be kept", detail)
