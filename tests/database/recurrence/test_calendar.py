"""Recurrences in plain words come when dateutil's rules say, in local time."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import (  # type: ignore[import-untyped]  # it ships no types
    DAILY,
    MO,
    MONTHLY,
    SU,
    TU,
    WE,
    WEEKLY,
    rrule,
)

from support.sessions.local_times import END, MARGIN, START, ZONES, expected_runs, sql_runs
from support.sessions.verbs import Verbs

IN_ODD_SETTINGS = True

HALVES = {"byminute": (0, 30)}
CALENDARS: dict[str, dict[str, Any]] = {
    "every 4 hours": {"byhour": range(0, 24, 4)},
    "every 12 hours": {"byhour": (0, 12)},
    "Every 2 Hours from 06:00 to 21:00": {"byhour": range(6, 21, 2)},
    "every 30 minutes from 22:00 to 03:30": {"byhour": (22, 23, 0, 1, 2, 3), **HALVES},
    "every 8 hours from 20:30 to 14:00": {"byhour": (20, 4, 12), "byminute": 30},
    "every hour from 22:00 to 00:00": {"byhour": (22, 23, 0)},
    "every 1 hour from 0:15 to 3:14": {"byhour": (0, 1, 2), "byminute": 15},
    "every 12 hours from 11:59 to 24:00": {"byhour": (11, 23), "byminute": 59},
    "daily at 02:30": {"byhour": 2, "byminute": 30},
    "daily at 00:00": {"byhour": 0},
    "weekly on sun, Wednesday at 2:15": {
        "freq": WEEKLY,
        "byweekday": (SU, WE),
        "byhour": 2,
        "byminute": 15,
    },
    "monthly on 1 , 15,last at 01:30": {
        "freq": MONTHLY,
        "bymonthday": (1, 15, -1),
        "byhour": 1,
        "byminute": 30,
    },
    "monthly on 29, 30, 31 at 03:00": {"freq": MONTHLY, "bymonthday": (29, 30, 31), "byhour": 3},
    "monthly on second tuesday at 23:00": {"freq": MONTHLY, "byweekday": TU(2), "byhour": 23},
    "monthly on last sunday at 02:00": {"freq": MONTHLY, "byweekday": SU(-1), "byhour": 2},
    "monthly on fifth mon at 05:00": {"freq": MONTHLY, "byweekday": MO(5), "byhour": 5},
}


@pytest.mark.usefixtures("newest_only")
@pytest.mark.parametrize("recurrence", CALENDARS)
def test_recurrence_comes_as_in_dateutil_for_ten_years(verbs: Verbs, recurrence: str) -> None:
    """In every zone, on all change-over days."""
    verbs.run("set timezone to 'Pacific/Auckland'")
    begin = (START - MARGIN).replace(tzinfo=None)
    rule = {"freq": DAILY, "byminute": 0, "bysecond": 0, **CALENDARS[recurrence]}
    times = list(rrule(dtstart=begin, until=(END + MARGIN).replace(tzinfo=None), **rule))
    for zone in ZONES:
        expected = expected_runs(times, zone, after=START, until=END)

        found = sql_runs(verbs, recurrence, zone, after=START, count=len(expected) + 1)

        assert found[:-1] == expected, zone
        assert found[-1] > END.timestamp()


@pytest.mark.parametrize(
    ("recurrence", "zone", "after", "expected"),
    [
        (
            "every 15 minutes from 01:45 to 03:15",
            "Europe/Berlin",
            "2026-03-29 01:30",  # at 02:00 the clocks go on to 03:00
            ["01:45+01:00", "03:00+02:00", "03:15+02:00"],
        ),
        (
            "every 30 minutes from 01:30 to 03:00",
            "Europe/Berlin",
            "2026-10-25 01:00",  # at 03:00 the clocks go back to 02:00
            ["01:30+02:00", "02:00+02:00", "02:30+02:00", "03:00+01:00"],
        ),
        ("daily at 02:30", "America/New_York", "2026-03-08 00:00", ["03:00-04:00"]),
        ("daily at 01:30", "America/New_York", "2026-11-01 00:00", ["01:30-04:00"]),
        (
            "every 15 minutes from 01:45 to 02:45",
            "Australia/Lord_Howe",
            "2026-10-04 01:30",  # at 02:00 the clocks go on to 02:30
            ["01:45+10:30", "02:30+11:00", "02:45+11:00"],
        ),
        (
            "every 15 minutes from 01:15 to 02:15",
            "Australia/Lord_Howe",
            "2026-04-05 01:00",  # at 02:00 the clocks go back to 01:30
            ["01:15+11:00", "01:30+11:00", "01:45+11:00", "02:00+10:30", "02:15+10:30"],
        ),
        ("daily at 00:00", "America/Sao_Paulo", "2018-11-03 12:00", ["01:00-02:00"]),
        ("daily at 01:30", "Europe/Dublin", "2026-10-25 00:00", ["01:30+01:00"]),
        (
            "every 12 hours from 06:00 to 18:00",
            "Pacific/Apia",
            "2011-12-29 12:00",  # midnight is the beginning of the 31st
            ["18:00-10:00", "00:00+14:00", "06:00+14:00"],
        ),
    ],
)
def test_change_over_day_runs_what_is_skipped_at_once_and_what_is_twice_first(
    verbs: Verbs, recurrence: str, zone: str, after: str, expected: list[str]
) -> None:
    """Semantics §6, by hand."""
    begin = datetime.fromisoformat(after).replace(tzinfo=ZoneInfo(zone))

    found = sql_runs(verbs, recurrence, zone, after=begin, count=len(expected))

    local = [datetime.fromtimestamp(run, UTC).astimezone(ZoneInfo(zone)) for run in found]
    assert [run.isoformat(timespec="minutes")[11:] for run in local] == expected


def test_day_that_a_change_over_leaves_out_runs_once_on_the_next(verbs: Verbs) -> None:
    """Its own run and those of the skipped day fall together; none is made up later."""
    found = verbs.value(
        "select pgdispatch.next_runs('monthly on 30 at 00:00', 'Pacific/Apia', %s, 2)",
        datetime(2011, 12, 1, tzinfo=UTC),
    )

    assert [f"{run.astimezone(UTC):%Y-%m-%d %H}" for run in found] == [
        "2011-12-30 10",
        "2012-01-29 10",
    ]
