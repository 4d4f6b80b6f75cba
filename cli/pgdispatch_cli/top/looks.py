"""How the live screen looks: its two themes, and its style sheet."""

from __future__ import annotations

import os
from collections.abc import Mapping

from textual.theme import Theme

from pgdispatch_cli.top.lines import ON_DARK, ON_LIGHT, Palette

DARK, LIGHT = "pgdispatch-dark", "pgdispatch-light"
PALETTES: Mapping[str, Palette] = {DARK: ON_DARK, LIGHT: ON_LIGHT}
THEMES = (
    Theme(
        name=DARK,
        primary="#8db1ff",
        background="#0d1014",
        surface="#14181e",
        panel="#1b2027",
        foreground="#e9edf2",
        error="#ff8a7c",
        warning="#e5b05c",
        success="#5cc894",
        dark=True,
        variables={"cursor": "#1c2a44", "quiet": "#171c23", "dim": "#8d96a3", "rule": "#3a424e"},
    ),
    Theme(
        name=LIGHT,
        primary="#1f4fd0",
        background="#ffffff",
        surface="#f6f7f9",
        panel="#eef0f3",
        foreground="#12161c",
        error="#c02a1d",
        warning="#8a5300",
        success="#17774a",
        dark=False,
        variables={"cursor": "#dbe6fd", "quiet": "#eef0f3", "dim": "#626b78", "rule": "#868e9a"},
    ),
)
CSS = """
Screen { background: $background; color: $foreground; }
#first, #notices, #keys { height: 1; padding: 0 1; background: $surface; }
#notices { background: $background; display: none; }
#notices.some { display: block; }
.heading { height: 1; padding: 0 1; background: $surface; }
.titles { height: 1; padding: 0 1; }
#upper { height: auto; max-height: 45%; }
#upper.alone { height: 1fr; max-height: 100%; }
#lower { height: 1fr; }
.hidden { display: none; }
Listing { background: $background; height: auto; scrollbar-size-vertical: 1;
    scrollbar-background: $background; scrollbar-color: $rule; overflow-x: hidden; }
#lower Listing { height: 1fr; }
#upper Listing { max-height: 100%; }
Listing > .datatable--cursor { background: $quiet; text-style: none; }
Listing:focus { background-tint: $background 0%; }
Listing:focus > .datatable--cursor { background: $cursor; text-style: bold; }
Listing > .datatable--hover { background: $quiet; }
Screen.away Listing, Screen.away .heading, Screen.away #notices, Screen.away .titles,
Screen.away .page { text-style: dim; opacity: 55%; }
#filter { dock: bottom; height: 1; display: none; background: $surface; }
#filter.open { display: block; }
.page { height: 1fr; padding: 1 1 0 1; }
ModalScreen { align: center middle; background: $background 60%; }
.dialog { width: 64; max-width: 100%; height: auto; max-height: 100%; padding: 1 2;
    background: $panel; border: round $rule; overflow-y: auto; }
.question { text-style: bold; margin-bottom: 1; }
.hint { color: $dim; }
.dialog Horizontal { height: 1; margin-top: 1; }
.dialog Button { margin-right: 3; background: $panel; color: $foreground; }
.dialog Button:focus { background: $cursor; text-style: bold; }
.dialog #yes { color: $error; }
.dialog Input { margin: 1 0; background: $surface; }
"""


def theme_of_terminal() -> str:
    """Return the theme for this terminal's background, as far as COLORFGBG tells it: dark."""
    background = os.environ.get("COLORFGBG", "").rpartition(";")[2]
    return LIGHT if background in {"7", "15"} else DARK
