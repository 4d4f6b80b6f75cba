"""When the forty schedules of the installation run."""

from __future__ import annotations

from collections.abc import Iterator

from simulation.double import recurrences as when
from simulation.double.recurrences import Recurrence


def timetable() -> Iterator[tuple[Recurrence, int]]:
    """Yield forty recurrences, and how many tasks each has in relation to the others."""
    for start in ("06:00", "07:00", "22:00"):
        yield when.every(15, start, "14:00" if start == "22:00" else "21:00"), 4
    yield from ((when.every(30), 5) for _ in range(3))
    yield from ((when.every(60, "05:30", "19:30"), 20), (when.every(60), 12), (when.every(120), 20))
    yield from ((when.every(240), 60), (when.every(360, "01:00", "23:00"), 60))
    yield from ((when.every(480), 60), (when.every(720), 60))
    for at in ("00:00", "00:30", "01:00", "02:00", "02:15", "02:30", "03:00", "03:00",
               "04:00", "05:00", "06:30", "12:00", "18:00", "22:30"):  # fmt: skip
        yield when.daily(at), 110
    for days in (("mon",), ("mon", "wed", "fri"), ("tue", "thu"), ("sat", "sun"), ("sun",)):
        yield when.weekly(days, "02:30"), 90
    yield from ((when.monthly([1, 28], "03:00"), 40), (when.monthly([-1], "23:30"), 40))
    yield from ((when.nth_weekday("last", "fri", "04:00"), 40), (when.monthly([29], "05:00"), 40))
    yield when.cron("30 6 * * mon-fri", ["06:30"], byweekday=[0, 1, 2, 3, 4]), 90
    thirds = [f"{hour:02}:{minute:02}" for hour in (8, 9, 10) for minute in (0, 20, 40)]
    yield when.cron("*/20 8-10 * * *", thirds), 15
    yield when.cron("0 2,14 29,31 * *", ["02:00", "14:00"], bymonthday=[29, 31]), 40
    yield when.cron("0 0 1,30 * *", ["00:00"], bymonthday=[1, 30]), 30


def weight(recurrence: Recurrence) -> int:
    """Return how many tasks a recurrence has in relation to the others."""
    return next(many for other, many in timetable() if other.words == recurrence.words)
