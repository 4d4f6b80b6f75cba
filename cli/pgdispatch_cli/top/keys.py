"""The keys as the last line tells them: those that do something here, as far as there is room."""

from __future__ import annotations

from collections.abc import Sequence

from pgdispatch_cli.top.lines import Line, width_of
from pgdispatch_cli.top.verbs import Verb

Keys = Sequence[tuple[str, str]]
FIRST_TO_GO = ("space", "1-6", "s", "/", "b", "Enter")  # where room is short
ALWAYS = (
    ("j k ↑ ↓", "the row below, above"),
    ("g G", "the first row, the last"),
    ("PgUp PgDn", "a page up, down"),
    ("Tab", "the next pane"),
    ("Esc", "no filter, all sites"),
    ("t", "dark or light"),
)


def listed(
    verbs: Sequence[Verb], *, can_open: bool, has_blocker: bool, is_whole: bool = False
) -> list[tuple[str, str]]:
    """Return the keys that do something, with a word for each; all of them if it `is_whole`."""
    return [
        *([("Enter", "job")] if can_open else []),
        ("/", "filter"),
        ("s", "site"),
        *([("b", "blocker")] if has_blocker else []),
        *dict.fromkeys((verb.key, verb.label) for verb in verbs),
        ("1-6", "panes"),
        *(ALWAYS if is_whole else ()),
        ("space", "pause"),
        ("?", "keys"),
        ("q", "quit"),
    ]


def fitting(keys: Keys, width: int) -> Line:
    """Return the keys as a line, without those that it has no room for."""
    kept = list(keys)
    for name in FIRST_TO_GO:
        if width_of(line_of(kept)) > width:
            kept = [key for key in kept if key[0] != name]
    return line_of(kept)


def line_of(keys: Keys) -> Line:
    """Return the keys as a line."""
    line: Line = []
    for key, word in keys:
        line += [("  " if line else "", "ink3"), (key, "strong"), (f" {word}", "ink3")]
    return line
