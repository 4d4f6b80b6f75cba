"""What lies between the runs of a backgrounder, as far as it is known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pgdispatch.web.console.drawing import Bar
from pgdispatch.web.console.pages import lanes, statements

END = datetime(2026, 11, 30, 21, 0, tzinfo=UTC)
START = END - timedelta(hours=1)
UP = (START - timedelta(days=1), END)


def ago(minutes: float) -> datetime:
    """Return so many minutes before the end."""
    return END - timedelta(minutes=minutes)


BARS = [Bar(ago(50), ago(48), "ok", "a long run"), Bar(ago(10), ago(5), "ok", "a run")]


def test_before_what_was_read_nothing_is_called_idle() -> None:
    """It may have run what is not known; what is known is drawn all the same."""
    whole = lanes.lane(BARS, START, END, UP, [])
    cut = lanes.lane(BARS, START, END, UP, [], since=ago(20))

    assert [rect.tone for rect in whole] == ["thread", "ok", "thread", "ok", "thread"]
    assert [rect.tone for rect in cut] == ["ok", "thread", "ok", "thread"]
    assert cut[1].x >= 66.6


def test_it_is_known_from_where_the_reading_ended() -> None:
    """The later of two ends: of the runs, and of what waited; ends behind the stretch are more."""
    ended = [{"ended_at": ago(number / 100)} for number in range(statements.MOST_BARS)]
    behind = [{"ended_at": END + timedelta(minutes=1)}]
    waits = [{"known_from": ago(3), "from_at": None, "to_at": None}]

    assert lanes.known_from(ended[:-1] + behind, [], END) is None
    assert lanes.known_from(ended, [], END) == ago((statements.MOST_BARS - 1) / 100)
    assert lanes.known_from(ended, waits, END) == ago(3)
    assert lanes.stretches_of(waits, START, END) == []


def test_a_drained_node_and_a_pause_are_among_the_reasons() -> None:
    """Which of them it was is not kept, but that a node is drained now is known."""
    waits = [(ago(40), ago(30))]
    told = {
        is_drained: [
            rect.title
            for rect in lanes.lane([], START, END, UP, waits, is_drained=is_drained)
            if rect.tone == "held"
        ]
        for is_drained in (False, True)
    }

    assert "a pause" in told[False][0]
    assert "the node was drained; which of these is not kept" in told[False][0]
    assert "the node is drained now" in told[True][0]
