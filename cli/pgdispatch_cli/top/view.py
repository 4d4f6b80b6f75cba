"""What the screen says of one look: its first lines, the headings, and the rows of a pane."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from rich.cells import cell_len

from pgdispatch.web.console.words import by_number
from pgdispatch_cli.top.lines import Laid, Line, Row, cut, lay_out, width_of
from pgdispatch_cli.top.panes import NUMBERS, OF_ALL_SITES, PANES, Pane, fits, shown
from pgdispatch_cli.top.reading import LEDGER, Looked
from pgdispatch_cli.top.statements import PLACES
from pgdispatch_cli.top.strips import Hour
from pgdispatch_cli.top.words import marked, sentence

NARROW = 110  # cells of a screen below which there are no strips
WIDE = 180
MARGIN = 1  # cells on both sides


def headline(looked: Looked) -> str:
    """Return the sentence of the first line."""
    return sentence(
        looked.processes,
        looked.queue,
        looked.waiting,
        is_more=looked.is_more,
        is_confined=looked.rights.is_confined,
    )


def first_line(sentence: str, right: Line, width: int | None) -> Line:
    """Return the first line: the sentence, and at its right end how the screen stands.

    Where the sentence has no room, its second half is left out.
    """
    if width is None:
        return [(sentence, "strong"), ("   ", "ink"), *right]
    room = width - width_of(right) - 2
    if cell_len(sentence) > room:
        sentence = sentence.partition(";")[0]
    left = cut([(sentence, "strong")], max(room, 0))
    return [*left, (" " * (width - width_of(left) - width_of(right)), "ink"), *right]


def notices(looked: Looked) -> list[Line]:
    """Return what needs somebody, each as a line."""
    return [notice(row) for row in looked.notices]


def notice(row: Row) -> Line:
    """Return what needs somebody."""
    if row["kind"] == "lost":
        since = row["heartbeat_at"]
        return marked("lost", f"node {shown(row['node'])} lost since {shown(since)}")
    if row["kind"] == "spent":
        refill = shown(row["refill_at"])
        return marked("site budget", f"{shown(row['site'])}: budget spent, refill {refill}")
    if row["kind"] == "paused":
        what = f"{row['scope']} {shown(row['name'])}" if row["name"] else "everything"
        until = f" until {shown(row['until'])}" if row["until"] else ""
        why = f": {shown(row['reason'])}" if row["reason"] else ""
        return marked("paused", f"{what} paused by {shown(row['paused_by'])}{until}{why}")
    if row["kind"] == "clock":
        return marked("lost", f"schedule {shown(row['schedule'])} could not be fired")
    more = f" and {row['tasks'] - 1} more" if row["tasks"] > 1 else ""
    title = shown(row["title"])
    return marked(
        "lost", f"task {row['task']} {title} suspended ({row['failures']} failures){more}"
    )


def side_by_side(lines: Sequence[Line], width: int | None) -> Line:
    """Return as many of `lines` in one as fit `width`, and how many do not."""
    found: Line = []
    for number, line in enumerate(lines):
        gap: Line = [("   ", "ink")] if found else []
        rest = len(lines) - number
        more: Line = [(f"   +{rest} more", "ink3")] if found else []
        if width is not None and found and width_of([*found, *gap, *line]) > width:
            return [*cut(found, width - width_of(more)), *more]
        found += [*gap, *line]
    return found if width is None else cut(found, width)


def rows_of(
    pane: Pane, looked: Looked, *, site: str | None = None, words: str = "", cells: int = 0
) -> list[dict[str, Any]]:
    """Return the rows that a pane shows; `cells`: of the strip beside each backgrounder.

    The backgrounders are read whatever they run, for the sentence; shown are those of the site.
    """
    found = [row for row in looked.panes.get(pane.name, []) if fits(row, words)]
    if pane.name != "backgrounders":
        return found
    found = sorted(found, key=natural)
    named = [row for row in found if row["backgrounder"] and site in {None, row["site"]}]
    if not cells or not looked.runs:
        return named
    strips = hour(looked, cells).strips()
    return [{**row, "strip": strips.get(row["backgrounder"], strips[""])} for row in named]


def natural(row: Row) -> tuple[str, int]:
    """Return the key by which backgrounders are sorted: node, number."""
    return by_number(str(row["backgrounder"] or row["node"]))


def hour(looked: Looked, cells: int) -> Hour:
    """Return what is known of the last hour."""
    ended = [row["ended_at"] for row in looked.runs if isinstance(row["ended_at"], datetime)]
    known_from = min(ended) if len(ended) >= LEDGER else None
    return Hour(looked.at, cells, looked.runs, known_from)


def cells_for(width: int | None) -> int:
    """Return how many cells a strip has beside the rest of a screen of `width`."""
    if width is None or width < NARROW:
        return 0
    return 60 if width >= WIDE else 30


def heading(
    pane: Pane, looked: Looked, rows: Sequence[Row], *, site: str | None, words: str
) -> Line:
    """Return the heading of a pane: its number, its name, and what its rows come to."""
    read = len(looked.panes.get(pane.name, []))
    line: Line = [(f"{NUMBERS[pane.name]} ", "ink3"), (pane.title, "strong")]
    if pane.name == "queue" and not site:
        line.append((f"  {'>' if looked.is_more else ''}{looked.waiting:,}", "ink"))
        if read < looked.waiting:
            line.append((f"  of the first {read:,}:", "ink3"))
    if said := pane.summary(rows):
        line.append((f"  {said}", "ink3"))
    if site and pane.is_of_sites:
        line.append((f"  site {shown(site)}{among(pane, looked)}", "run"))
    if words:
        line.append((f"  /{shown(words)}: {len(rows):,} of {read:,}", "run"))
    return line


def among(pane: Pane, looked: Looked) -> str:
    """Say among how many a site's jobs were looked for, if not among all."""
    if pane.name == "queue" and looked.is_more:
        return f" among the first {PLACES:,}"
    return f" among the last {PLACES:,}" if pane.name == "ended" else ""


def nothing(pane: Pane, looked: Looked, *, words: str = "") -> Line:
    """Say why a pane has no row."""
    if pane.name in looked.failures:
        return marked("failed", shown(looked.failures[pane.name]))
    if pane.name in OF_ALL_SITES and not looked.rights.sees_nodes:
        return [("nodes belong to all sites; ask an operator", "ink3")]
    if pane.name not in looked.panes:
        return [("…", "ink3")]
    if words or (looked.wish.site and pane.is_of_sites):
        return [("nothing fits the filter", "ink3")]
    if pane.name == "backgrounders" and looked.rights.is_confined:
        return [("nothing of your sites runs", "ink3")]
    return [(pane.empty, "ink3")]


def lay_out_pane(pane: Pane, rows: Sequence[Row], width: int | None) -> Laid:
    """Return a pane's rows as lines."""
    return lay_out(pane.columns, rows, width)


def as_json(looked: Looked) -> dict[str, Any]:
    """Return a look for programs; the panes that were not wished for are null."""
    return {
        "at": looked.at,
        "headline": headline(looked),
        "waiting": looked.waiting,
        "is_more": looked.is_more,
        "notices": list(looked.notices),
        **{
            name: rows_of(pane, looked, site=looked.wish.site)
            if name in looked.wish.panes
            else None
            for name, pane in PANES.items()
        },
        "failures": looked.failures,
    }
