"""What the console draws lies within its drawing, side by side."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pgdispatch.web.console import drawing
from pgdispatch.web.console.drawing import FULL, LEAST, Bar, Rect

START = datetime(2026, 11, 30, 20, 0, tzinfo=UTC)
END = START + timedelta(hours=1)
TITLES = ("held", "nothing")
TONES = ("ok", "bad", "run", "mute", "held", "thread")
instants = st.floats(-7200, 7200).map(lambda seconds: START + timedelta(seconds=seconds))
stretches = st.tuples(instants, instants).map(sorted)
some_bars = st.lists(
    st.builds(
        lambda stretch, tone: Bar(stretch[0], stretch[1], tone, "a run"),
        stretches,
        st.sampled_from(TONES),
    ),
    max_size=60,
)


def bar(start: float, end: float, tone: str = "ok") -> Bar:
    """Return a bar from one minute to another."""
    return Bar(START + timedelta(minutes=start), START + timedelta(minutes=end), tone, "a run")


def are_apart(rects: tuple[Rect, ...]) -> bool:
    """Tell whether no two overlap."""
    return all(one.right <= after.x + 1e-6 for one, after in pairwise(rects))


@example([bar(0, 10 / 60), bar(0, 30 / 60), bar(0, 34 / 60)])  # their widths alone round up
@given(some_bars)
def test_a_strip_is_within_its_drawing_and_nothing_overlaps(bars: list[Bar]) -> None:
    """Whatever the bars are: outside, inside one another, without length."""
    rects = drawing.strip(bars, START, END)

    assert all(rect.x >= 0 and rect.width > 0 and rect.right <= FULL + 1e-6 for rect in rects)
    assert are_apart(rects)


@given(some_bars)
def test_no_bar_that_touches_the_stretch_is_lost(bars: list[Bar]) -> None:
    """It is drawn, or counted in the one before it."""
    inside = [one for one in bars if one.to_at > START and one.from_at < END
              and one.tone not in ("held", "thread")]  # fmt: skip
    rects = drawing.strip(inside, START, END)

    assert sum(rect.bars for rect in rects) >= min(len(inside), 1)
    assert bool(rects) == bool(inside)


def test_a_bar_has_its_share_of_the_width() -> None:
    """In per cent, so that it fits any width."""
    (rect,) = drawing.strip([bar(15, 45)], START, END)

    assert (rect.x, rect.width) == (25, 50)
    assert (rect.y, rect.height) == (0, drawing.HEIGHT)


def test_a_short_bar_is_still_seen() -> None:
    """A run of a second within an hour."""
    (rect,) = drawing.strip([bar(15, 15 + 1 / 60)], START, END)

    assert rect.width == pytest.approx(LEAST)


def test_many_short_bars_become_one_that_counts_them_and_shows_the_worst() -> None:
    """A failure is not lost among successes."""
    bars = [bar(10, 10.0001), bar(10.0002, 10.0003, "bad"), bar(10.0004, 10.0005)]

    (rect,) = drawing.strip(bars, START, END)

    assert (rect.bars, rect.tone) == (3, "bad")
    assert rect.title == "3 jobs, too short to show"


def test_bars_that_touch_are_a_hair_apart() -> None:
    """Else one could not be told from the next."""
    first, second = drawing.strip([bar(0, 30), bar(30, 60)], START, END)

    assert first.right < second.x


@pytest.mark.timeout(20)
def test_a_run_takes_its_room_from_what_is_idle_before_it() -> None:
    """To the last digit, wherever that began: what is left may be a rounding too wide."""
    for sevenths in range(1, 400):
        idle, run = bar(sevenths / 7, 60, "thread"), bar(59.999, 60)
        left, right = drawing.strip([idle, run], START, END)

        assert (left.tone, right.tone) == ("thread", "ok")
        assert are_apart((left, right))


def test_gaps_are_hatched_only_while_jobs_waited() -> None:
    """And a thread otherwise."""
    waits = [(START + timedelta(minutes=20), START + timedelta(minutes=40))]
    found = list(drawing.gaps([bar(10, 25)], START, END, waits, titles=TITLES))

    minutes = [
        (one.tone, (one.from_at - START).seconds // 60, (one.to_at - START).seconds // 60)
        for one in found
    ]
    assert minutes == [("thread", 0, 10), ("held", 25, 40), ("thread", 40, 60)]


@given(some_bars, st.lists(stretches.map(tuple), max_size=5))
def test_gaps_and_bars_together_leave_no_hole(
    bars: list[Bar], waits: list[tuple[datetime, datetime]]
) -> None:
    """From the start to the end."""
    inside = [one for one in bars if one.from_at >= START and one.to_at <= END]
    idle = list(drawing.gaps(
        inside, START, END, drawing.merged(waits, timedelta()), titles=TITLES
    ))  # fmt: skip
    found = [*inside, *idle]

    for one in idle:
        middle = one.from_at + (one.to_at - one.from_at) / 2
        waited = any(from_at <= middle < to_at for from_at, to_at in waits)
        assert waited == (one.tone == "held")
    at = START
    for one in sorted(found, key=lambda one: one.from_at):
        assert one.from_at <= at
        at = max(at, one.to_at)
    assert at == END


@given(st.lists(st.floats(0, 1e6), max_size=120))
def test_columns_stand_side_by_side_within_their_drawing(values: list[float]) -> None:
    """However many there are."""
    rects = drawing.columns(values, ["ok"] * len(values), ["x"] * len(values), height=56)

    assert len(rects) == len(values)
    assert all(rect.x >= 0 and rect.right <= FULL + 1e-6 for rect in rects)
    assert all(rect.y >= 0 and rect.height > 0 and rect.y + rect.height <= 56.02 for rect in rects)
    assert are_apart(rects)


def test_a_few_columns_do_not_fill_the_drawing() -> None:
    """One run is a column, no surface."""
    (rect,) = drawing.columns([5.0], ["ok"], ["x"], height=56)

    assert rect.right < 10


@given(instants, st.floats(60, 7 * 86400))
def test_labels_are_few_and_not_at_the_edges(start: datetime, seconds: float) -> None:
    """Whatever the stretch is."""
    found = drawing.ticks(start, start + timedelta(seconds=seconds), "Europe/Berlin")

    assert len(found) <= 9
    assert all(drawing.EDGE <= tick.x <= FULL - drawing.EDGE for tick in found)


def test_labels_are_in_the_zone_of_the_page() -> None:
    """At round times."""
    assert [tick.label for tick in drawing.ticks(START, END, "Europe/Berlin")] == [
        "21:10", "21:20", "21:30", "21:40", "21:50",
    ]  # fmt: skip


def test_what_is_idle_gives_way_at_the_very_end() -> None:
    """Wherever it begins: sums of such numbers are not exact."""
    last = Bar(END - timedelta(seconds=2), END, "ok", "a run")
    for second in range(1, 3400):
        idle = Bar(START + timedelta(seconds=second), last.from_at, "thread", "idle")
        rects = drawing.strip([idle, last], START, END)
        assert [rect.tone for rect in rects] == ["thread", "ok"]
