"""Which columns of a table fit a width, how wide each is, and what is cut from its text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size

GAP = 2  # cells between two columns of a table
TINY = 4  # cells that are left of a text where nothing else helps
CUT = "…"


@dataclass(frozen=True)
class Want:
    """What a column asks for, in cells.

    `whole`: shown without loss; `least`: the same, or less if its text may be cut. `drop`: it is
    left out the sooner, the higher; 0: never.
    """

    whole: int
    least: int
    drop: int


def fit(wants: Sequence[Want], width: int) -> dict[int, int]:
    """Return the columns that fit `width`, in their order, each with its own width.

    Columns are left out by importance until the others fit with their least, and then share what
    is left. Where that is not enough, texts are cut to `TINY`.
    """
    shown = list(range(len(wants)))
    by_importance = sorted(shown, key=lambda number: (-wants[number].drop, -number))
    for number in by_importance:
        if wants[number].drop and needed([wants[kept].least for kept in shown]) > width:
            shown.remove(number)
    for number in reversed(by_importance):  # a narrow one may find room that a wide one left
        if number not in shown:
            least = [wants[kept].least for kept in (*shown, number)]
            shown = [*shown, number] if needed(least) <= width else shown
    shown.sort()
    widths = {number: wants[number].least for number in shown}
    if needed(list(widths.values())) > width:
        for number in shown:
            if wants[number].least < wants[number].whole:
                widths[number] = min(TINY, wants[number].least)
    share(widths, wants, width - needed(list(widths.values())))
    return widths


def share(widths: dict[int, int], wants: Sequence[Want], room: int) -> None:
    """Give `room` cells to the columns that are not whole, always to the narrowest of them."""
    for _ in range(room):
        cut = [number for number, width in widths.items() if width < wants[number].whole]
        if not cut:
            return
        widths[min(cut, key=lambda number: widths[number])] += 1


def needed(widths: Sequence[int]) -> int:
    """Return how wide a table of such columns is."""
    return sum(widths) + GAP * max(len(widths) - 1, 0)


def shorten(text: str, width: int, *, keeps: str = "") -> str:
    """Return `text` in at most `width` cells, with `…` for what is cut from its end.

    What follows the last `keeps` stays, such as the number of a backgrounder.
    """
    if cell_len(text) <= width:
        return text
    head, mark, tail = text.rpartition(keeps) if keeps else (text, "", "")
    room = width - cell_len(CUT + mark + tail)
    if not head or room < 1:
        head, mark, tail, room = text, "", "", width - cell_len(CUT)
    return set_cell_size(head, max(room, 0)).rstrip() + CUT + mark + tail
