"""When a job starts, in words: never a guess."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pgdispatch_cli import expecting
from pgdispatch_cli.commands import forecast

MADE_AT = datetime(2026, 3, 2, 2, 50, tzinfo=UTC)
Instants = tuple[int | None, int | None, int | None]


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> None:
    """Show times in UTC."""
    monkeypatch.setenv("TZ", "UTC")


def said(early: int | None, middle: int | None, late: int | None) -> dict[str, datetime | None]:
    """Return a forecast whose points are so many minutes after it was made."""
    names = ("starts_early_at", "starts_at", "starts_late_at")
    points = [
        None if minutes is None else MADE_AT + timedelta(minutes=minutes)
        for minutes in (early, middle, late)
    ]
    until = MADE_AT + timedelta(hours=12)
    return {**dict(zip(names, points, strict=True)), "made_at": MADE_AT, "until": until}


@pytest.mark.parametrize(
    ("points", "text", "brief"),
    [
        ((12, 20, 35), "03:10 (03:02 to 03:25)", "03:10"),
        ((20, 20, 20), "03:10", "03:10"),
        ((12, 20, None), "03:10 (03:02 or after 14:50)", "03:10"),
        ((12, None, None), "after 14:50", "after 14:50"),
    ],
)
def test_a_start_is_said_with_its_interval_or_as_beyond_the_horizon(
    points: Instants, text: str, brief: str
) -> None:
    """On a narrow terminal without the interval."""
    assert expecting.starts(said(*points)) == text
    assert expecting.starts_in_brief(said(*points)) == brief


def test_nothing_is_said_without_a_forecast() -> None:
    """Not even that there is none."""
    assert expecting.starts(None) == expecting.starts_in_brief(None) == ""


def test_a_start_far_ahead_has_its_day() -> None:
    """The time of day alone would mean today."""
    assert expecting.starts(said(1500, 1500, 1500)) == "2026-03-03 03:50"


@pytest.mark.parametrize(
    ("share", "text"), [(None, ""), (0.0, "0 %"), (0.001, "<1 %"), (0.2, "20 %"), (1.0, "100 %")]
)
def test_a_chance_is_said_in_per_cent(share: float | None, text: str) -> None:
    """What is not quite impossible is not said to be."""
    assert expecting.chance(share) == text


def test_why_there_is_nothing_says_what_to_do() -> None:
    """Off, stale, or nothing of that."""
    fresh = {"is_off": False, "is_fresh": True}

    assert "-1" in forecast.why_nothing({**fresh, "is_off": True}, late=False)
    assert "look again" in forecast.why_nothing({**fresh, "is_fresh": None}, late=False)
    assert forecast.why_nothing(fresh, late=True) == "nothing is likely to be late"
