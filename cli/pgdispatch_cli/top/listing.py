"""A table of lines under a heading that keeps its cursor and its place while it is read anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.widgets import DataTable

LINE = "line"


class Listing(DataTable[Text]):
    """Rows of one pane, each a line that is laid out already; the cursor is a whole row."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "cursor_down", show=False),
        Binding("k", "cursor_up", show=False),
        Binding("g", "scroll_top", show=False),
        Binding("G", "scroll_bottom", show=False),
    ]

    def __init__(self, *, id: str) -> None:  # noqa: A002  # textual's name
        super().__init__(
            id=id,
            show_header=False,
            cell_padding=1,
            cursor_type="row",
            cursor_foreground_priority="renderable",
        )
        self._width = 0

    @property
    def keys(self) -> list[str]:
        """The keys of the rows, in order."""
        return [str(key.value) for key in self.rows]

    @property
    def current(self) -> str | None:
        """The key of the row under the cursor."""
        keys = self.keys
        return keys[self.cursor_row] if 0 <= self.cursor_row < len(keys) else None

    def show(self, lines: Mapping[str, Text], width: int) -> None:
        """Show these lines, by their keys; the cursor stays on its row, or else in its place."""
        current, row, top = self.current, self.cursor_row, self.scroll_y
        if width != self._width:
            self.clear(columns=True)
            self.add_column("", key=LINE, width=width)
            self._width = width
        if list(lines) == self.keys:
            for key, text in lines.items():
                if self.get_cell(key, LINE) != text:
                    self.update_cell(key, LINE, text)
            return
        self.clear()
        for key, text in lines.items():
            self.add_row(text, key=key)
        self.put_cursor(current, otherwise=row)
        self.scroll_to(y=top, animate=False)

    def put_cursor(self, key: str | None, *, otherwise: int = 0) -> bool:
        """Put the cursor on the row of this key; tell whether there is one."""
        keys = self.keys
        is_there = key in keys
        row = keys.index(key) if key is not None and is_there else min(otherwise, len(keys) - 1)
        self.move_cursor(row=max(row, 0), animate=False)
        return is_there


def unique(keys: Sequence[str]) -> list[str]:
    """Return keys of which no two are the same."""
    seen: dict[str, int] = {}
    found = []
    for key in keys:
        seen[key] = seen.get(key, 0) + 1
        found.append(key if seen[key] == 1 else f"{key}#{seen[key]}")
    return found
