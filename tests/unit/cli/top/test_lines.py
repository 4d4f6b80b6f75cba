"""Lines of a pane: what fits, what is cut, and what would steer a terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgdispatch_cli.top.keys import fitting
from pgdispatch_cli.top.lines import (
    OF_TERMINAL,
    ON_DARK,
    ON_LIGHT,
    cut,
    lay_out,
    pictures,
    plain,
    width_of,
)
from pgdispatch_cli.top.once import MOST, OVERHEAD, share
from pgdispatch_cli.top.panes import PANES
from pgdispatch_cli.top.strips import FAILED, HELD, IDLE, RAN, RUNS, UNKNOWN
from pgdispatch_cli.top.words import GLYPHS

ROW = {
    "position": 3, "job": 42, "title": "Sales 売上", "site": "acme", "type": "flow", "priority": 10,
    "decided_by": "priority", "reason": "site limit (2 of 2 running)", "kind": "site limit",
    "waits_for": None, "blocker": None,
}  # fmt: skip


@given(width=st.integers(20, 200), title=st.text(max_size=60), reason=st.text(max_size=90))
def test_lines_are_never_wider_than_the_screen(width: int, title: str, reason: str) -> None:
    """Whatever is in the rows."""
    rows = [{**ROW, "title": title, "reason": reason}, ROW]

    laid = lay_out(PANES["queue"].columns, rows, width)

    assert all(width_of(cut(line, width)) <= width for line in [laid.titles, *laid.lines])
    assert len({width_of(line) for line in [laid.titles, *laid.lines]}) == 1


@given(text=st.text())
def test_pictures_are_in_one_line_and_printable(text: str) -> None:
    """Nothing is left that a terminal obeys; what is printable stays."""
    shown = pictures(text)

    assert shown.isprintable()
    assert len(shown) == len(text)
    assert not text.isprintable() or shown == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [("a\x1b[31m\n\x7f", "a␛[31m␊␡"), ("\u202eevil", "�evil"), ("a\u00a0b", "a b")],
)
def test_control_characters_have_pictures_of_their_own(text: str, shown: str) -> None:
    """Marks of direction have none."""
    assert pictures(text) == shown


def test_every_tone_is_in_every_palette() -> None:
    """What a glyph or a cell of a strip asks for is there."""
    used = {tone for _, tone in (*GLYPHS.values(), RUNS, RAN, FAILED, HELD, IDLE, UNKNOWN)}

    assert ON_DARK.keys() == ON_LIGHT.keys() == OF_TERMINAL.keys()
    assert used <= ON_DARK.keys()


def test_keys_that_have_no_room_go_by_importance() -> None:
    """What changes something stays, and how to get help and out."""
    keys = [("Enter", "job"), ("/", "filter"), ("C", "cancel…"), ("space", "pause"), ("q", "quit")]

    assert plain(fitting(keys, 60)) == "Enter job  / filter  C cancel…  space pause  q quit"
    assert plain(fitting(keys, 40)) == "Enter job  / filter  C cancel…  q quit"
    assert plain(fitting(keys, 20)) == "C cancel…  q quit"


@pytest.mark.parametrize(
    ("counts", "height", "given"),
    [
        ([13, 20], None, [MOST, MOST]),
        ([13, 20], 20 + 2 * OVERHEAD, [9, 11]),
        ([3, 40], 20 + 2 * OVERHEAD, [3, 17]),
        ([30, 4], 20 + 2 * OVERHEAD, [16, 4]),
        ([40], 20 + OVERHEAD, [20]),
    ],
)
def test_first_pane_leaves_more_than_half_to_the_second(
    counts: list[int], height: int | None, given: list[int]
) -> None:
    """If that needs it."""
    assert share(counts, height) == given
