"""Spans and instants on the command line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgdispatch_cli.times import format_instant, format_span, parse_instant, parse_span

NOW = datetime(2030, 1, 31, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 ms"),
        (0.04, "40 ms"),
        (0.0996, "0.1 s"),
        (3.2, "3.2 s"),
        (9.96, "10 s"),
        (59.4, "59 s"),
        (59.6, "1 min 00 s"),
        (61, "1 min 01 s"),
        (3599.7, "1 h 00 min"),
        (3720, "1 h 02 min"),
        (86399.9, "1 d 00 h"),
        (2 * 86400 + 3 * 3600, "2 d 03 h"),
        (-3.2, "-3.2 s"),
    ],
)
def test_span_is_shown_in_two_units_at_most(seconds: float, text: str) -> None:
    """The larger unit never fills up: there is no `60 s` and no `60 min`."""
    assert format_span(timedelta(seconds=seconds)) == text


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        *(("90", 90), ("90s", 90), ("1.5 h", 5400), ("1h30m", 5400), ("15 min", 900)),
        *(("2d", 172800), ("250ms", 0.25), ("1H 5MIN", 3900)),
    ],
)
def test_span_is_read_as_people_write_it(text: str, seconds: float) -> None:
    """A bare number is seconds."""
    assert parse_span(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "5x", "h", "-5", "1h-", "9" * 30, "5 mins ago"])
def test_what_is_no_span_is_refused(text: str) -> None:
    """With an example, or the reason."""
    with pytest.raises(ValueError, match="span of time"):
        parse_span(text)


@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=99)))
def test_span_shown_reads_back_as_nearly_the_same(span: timedelta) -> None:
    """Nothing but the smaller unit's fraction is lost."""
    back = parse_span(format_span(span))

    assert abs(back - span) <= max(timedelta(milliseconds=100), span / 20)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2030-02-01T08:00:00+02:00", datetime(2030, 2, 1, 6, 0, tzinfo=UTC)),
        ("+15min", NOW + timedelta(minutes=15)),
    ],
)
def test_instant_is_read_with_its_offset_or_from_now(text: str, instant: datetime) -> None:
    """ISO 8601 or `+SPAN`."""
    assert parse_instant(text, now=NOW) == instant


@pytest.mark.parametrize("text", ["00:00", "12:34:56", "23:59"])
def test_time_of_day_is_the_next_one(text: str) -> None:
    """Later today, or else tomorrow; in the zone of this machine."""
    found = parse_instant(text, now=NOW)

    assert NOW < found <= NOW + timedelta(hours=26)
    assert found.strftime("%H:%M:%S").startswith(text)


@pytest.mark.parametrize("text", ["tomorrow", "25:00", "2030-13-01", "+x", "", "+9999999d"])
def test_what_is_no_instant_is_refused(text: str) -> None:
    """With examples."""
    with pytest.raises(ValueError, match="time"):
        parse_instant(text, now=NOW)


@pytest.mark.parametrize("end", [datetime.min, datetime.max])
def test_the_ends_of_the_calendar_are_shown(end: datetime) -> None:
    """Whatever the zone of this machine."""
    assert format_instant(end.replace(tzinfo=UTC)).endswith(":59" if end.year > 1 else ":00")
