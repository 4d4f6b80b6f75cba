"""Times that people give, and times in texts of the database."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from pgdispatch.errors import InvalidInputError
from pgdispatch.web.console.asked import Asked, Rights
from pgdispatch.web.console.pages import filters, timeline
from pgdispatch.web.console.pages.instants import instant

NOW = datetime(2026, 11, 30, 21, 0, tzinfo=UTC)


def asked(zone: str = "UTC", **query: str) -> Asked:
    """Return a question."""
    return Asked({}, query, Rights(), zone)


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Pacific/Auckland"])
@pytest.mark.parametrize("text", ["0001-01-01T00:30", "9999-12-31T23:30", "1899-12-30T12:00"])
def test_a_time_too_far_away_is_refused(zone: str, text: str) -> None:
    """The calendar ends there, and so would whatever is reckoned from it."""
    with pytest.raises(InvalidInputError):
        instant(asked(zone, to=text), "to")


@pytest.mark.parametrize("text", ["1900-01-02T00:00", "8999-12-30T00:00"])
def test_the_farthest_times_have_a_stretch_before_and_after(text: str) -> None:
    """Of the longest that there is."""
    question = asked("America/New_York", to=text)
    start, end = timeline._stretch(question, NOW)

    found = timeline._range(question, start, end, NOW)

    assert found["earlier"]


def test_a_form_keeps_the_window_moving_if_no_time_was_given() -> None:
    """Else choosing a node would freeze it."""
    moving, fixed = asked(hours="3"), asked(to="2026-11-30T20:00")

    free = timeline._range(moving, *timeline._stretch(moving, NOW), NOW)
    kept = timeline._range(fixed, *timeline._stretch(fixed, NOW), NOW)

    assert free["fields"] == {"from": "", "to": ""}
    assert free["hours_asked"] == 3
    assert kept["fields"] == {"from": "", "to": "2026-11-30T20:00"}


def test_times_in_a_text_are_in_the_zone_of_the_page() -> None:
    """And what only looks like one is left as it is."""
    context: Any = {"zone": "Europe/Berlin", "now": NOW}

    said = filters.in_zone(context, "at 2026-11-30 18:46:59+00:00 → 2026-11-29 22:30:00+00:00")

    assert said == "at 19:46:59 → 2026-11-29 23:30:00"
    assert filters.in_zone(context, "2026-02-31 10:00:00+00:00") == "2026-02-31 10:00:00+00:00"
