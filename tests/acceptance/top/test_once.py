"""The screen once: for pipes, for `watch`, for programs, and for terminals that can do no more."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pgdispatch_cli.top.panes import PANES
from support.cli.command import command_environment, run_command
from support.top.terminal import open_terminal, without_textual

from .conftest import Evening

pytestmark = pytest.mark.usefixtures("newest_only")

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
IMPORTS = (
    "import sys; sys.argv = ['pgdispatch', 'top', '--once']; "
    "from pgdispatch_cli.main import main; main(); print('textual' in sys.modules)"
)


@pytest.mark.parametrize(("width", "height"), [(80, 24), (200, 50)])
def test_screen_once_is_as_it_was(evening: Evening, width: int, height: int) -> None:
    """All but the name of the database, in as many lines and cells as the terminal has."""
    size = {"COLUMNS": str(width), "LINES": str(height)}

    lines = run_command(evening.dsn, "top", "--once", **size).out.splitlines()

    wanted = Path(__file__).with_name(f"once-{width}x{height}.txt").read_text().splitlines()
    assert lines[0].startswith(wanted[0][:50])
    assert lines[0].endswith("  12:32:00 UTC")
    assert lines[1:] == wanted[1:]
    assert len(lines) < height
    assert max(map(len, lines)) <= width


def test_pipe_gets_whole_lines_without_colours(evening: Evening) -> None:
    """One row is one line there, as in the listings."""
    done = run_command(evening.dsn, "top", "--pane", "queue")

    assert (done.status, done.err) == (0, "")
    assert "\x1b" not in done.out
    assert done.out.startswith("2 of 5 backgrounders busy, 5 jobs wait")
    assert "Backgrounders" not in done.out
    assert len(done.out.splitlines()) == 3 + 1 + 5


def test_json_has_every_pane_for_programs(evening: Evening) -> None:
    """As of one moment; with --pane that one only."""
    whole = json_of(evening, "top", "--json")
    one = json_of(evening, "top", "--json", "--pane", "gates")

    assert [name for name in PANES if whole[name]] == list(PANES)
    assert whole["queue"][0]["blocker"] == evening.jobs["Ledger"]
    assert whole["waiting"] == 5
    assert [name for name in PANES if one[name] is not None] == ["gates"]


def json_of(evening: Evening, *arguments: str) -> dict[str, Any]:
    """Return what --json printed."""
    found: dict[str, Any] = json.loads(run_command(evening.dsn, *arguments).out)
    return found


def test_unknown_site_is_refused(evening: Evening) -> None:
    """Rather than that nothing is shown of it."""
    done = run_command(evening.dsn, "top", "--once", "--site", "nosite")

    assert done.status == 1
    assert done.err == "error: site nosite does not exist\nhint: see: pgdispatch site list\n"


def test_site_narrows_what_is_printed(evening: Evening) -> None:
    """The sentence stays of all."""
    out = run_command(evening.dsn, "top", "--once", "--site", "retail").out

    assert "2 of 5 backgrounders busy, 5 jobs wait" in out
    assert "site retail" in out
    assert "Ledger" not in out


def test_terminal_that_cannot_move_its_cursor_gets_it_once(evening: Evening) -> None:
    """TERM says so."""
    with open_terminal(evening.dsn, "top", TERM="dumb") as terminal:
        status = terminal.ended()

    assert status == 0
    assert "2 of 5 backgrounders busy" in terminal.written
    assert "\x1b" not in terminal.written


def test_without_textual_it_is_printed_once_and_says_why(evening: Evening) -> None:
    """And names what does without."""
    with open_terminal(evening.dsn, "top", program=without_textual()) as terminal:
        status = terminal.ended()

    assert status == 0
    assert "2 of 5 backgrounders busy" in terminal.written
    assert "once only: the live screen needs the extra 'top'" in terminal.written
    assert "pgdispatch status --watch" in terminal.written


def test_colours_are_left_out_where_they_are_unwelcome(evening: Evening) -> None:
    """Every glyph has its word: nothing depends on them."""
    shown = []
    environments: tuple[dict[str, Any], ...] = ({}, {"NO_COLOR": "1"})
    for environment in environments:
        with open_terminal(evening.dsn, "top", "--once", **environment) as terminal:
            terminal.ended()
        shown.append(terminal.written)
    coloured, plain = shown

    assert re.search(r"\x1b\[3\dm", coloured)
    assert not re.search(r"\x1b\[3\dm", plain)
    assert COLOUR.sub("", coloured) == COLOUR.sub("", plain)


def test_screen_once_does_not_import_textual(evening: Evening) -> None:
    """It takes longer than all the rest."""
    done = subprocess.run(
        [sys.executable, "-c", IMPORTS],
        env=command_environment(evening.dsn),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.splitlines()[-1] == "False"
