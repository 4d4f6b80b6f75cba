"""The last hour of a backgrounder as a strip: what ran, how it ended, and why it was idle."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pgdispatch_cli.top.strips import Hour

AT = datetime(2030, 1, 1, 12, tzinfo=UTC)


def minutes_ago(count: float) -> datetime:
    """Return an instant before `AT`."""
    return AT - timedelta(minutes=count)


def run(begin: float, end: float | None, outcome: str = "succeeded", waits: float = 0) -> Any:
    """Return a run from so many minutes ago to so many, which had waited before."""
    return {
        "backgrounder": "n:1",
        "due_at": minutes_ago(begin + waits),
        "started_at": minutes_ago(begin),
        "ended_at": None if end is None else minutes_ago(end),
        "outcome": None if end is None else outcome,
    }


def drawn(*runs: Any, known_from: datetime | None = None, of: str = "n:1") -> str:
    """Return the strip of ten minutes a character, the oldest first."""
    hour = Hour(AT, 6, runs, known_from)
    return "".join(text for text, _ in hour.strips()[of])


def test_strip_shows_what_ran_and_what_runs() -> None:
    """A cell is what filled most of it."""
    assert drawn(run(60, 40), run(40, 30, "failed"), run(15, None)) == "▆▆✕▁██"


def test_many_short_runs_fill_a_cell_as_one_long_one_does() -> None:
    """None of them alone does."""
    short = [run(60 - number, 59.1 - number) for number in range(10)]

    assert drawn(*short) == "▆▁▁▁▁▁"


def test_idle_stretch_in_which_jobs_waited_is_hatched() -> None:
    """Whether they have started since, or wait still."""
    waits = {**run(12, None), "backgrounder": None, "started_at": None}
    begun_elsewhere = {**run(40, 39.9, waits=20), "backgrounder": "n:2"}

    assert drawn(run(60, 59), waits) == "▁▁▁▁▁▒"
    assert drawn(begun_elsewhere, of="") == "▒▒▁▁▁▁"


def test_nothing_is_drawn_of_a_time_of_which_nothing_is_known() -> None:
    """More has ended in the hour than is read."""
    assert drawn(run(20, 10), known_from=minutes_ago(30)) == "   ▁▆▁"


@given(
    spans=st.lists(st.tuples(st.floats(-90, 90), st.floats(0, 90)), max_size=8),
    cells=st.integers(1, 60),
)
def test_strip_is_as_long_as_it_is_wide_whatever_ran(
    spans: list[tuple[float, float]], cells: int
) -> None:
    """No share of a cell is below nothing, or above all of it for what does not overlap."""
    runs = [run(begin, begin - length) for begin, length in spans]
    hour = Hour(AT, cells, runs)

    strips = hour.strips()

    assert {len(strip) for strip in strips.values()} == {cells}
    for row in runs:
        shares = hour.shares([(row["started_at"], row["ended_at"])])
        assert all(-1e-9 <= share <= 1 + 1e-9 for share in shares)
