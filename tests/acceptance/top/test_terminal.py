"""The live screen in a real terminal: it begins, stops, goes on, and leaves the terminal whole."""

from __future__ import annotations

import signal

import pytest

from support.cli.command import run_command
from support.top.terminal import open_terminal

from .conftest import Evening

pytestmark = pytest.mark.usefixtures("newest_only")

LEFT = "\x1b[?1049l"  # the screen of its own is left


def test_screen_begins_takes_keys_and_ends(evening: Evening) -> None:
    """The terminal is as before then."""
    with open_terminal(evening.dsn, "top", "--interval", "0.5") as terminal:
        terminal.until_written("backgrounders busy")
        terminal.send("?")
        terminal.until_written("the next pane")
        terminal.send("q")
        terminal.until_written("wait")
        terminal.send("q")
        status = terminal.ended()

    assert status == 0
    assert LEFT in terminal.written


def test_stopped_screen_looks_again_when_it_goes_on(evening: Evening) -> None:
    """Ctrl-Z gives the terminal back meanwhile."""
    with open_terminal(evening.dsn, "top", "--interval", "60") as terminal:
        terminal.until_written("backgrounders busy")
        terminal.send("\x1a")
        terminal.until(lambda: terminal.is_stopped)
        terminal.until_written(LEFT)
        evening.verbs.cancel(evening.jobs["Rates"])
        terminal.process.send_signal(signal.SIGCONT)
        terminal.until_written("4 jobs wait")
        terminal.send("q")
        status = terminal.ended()

    assert status == 0


def test_screen_is_refused_before_it_begins(evening: Evening) -> None:
    """As any other command: with words, on a terminal that is left alone."""
    with open_terminal(evening.dsn, "top", "--site", "nosite") as terminal:
        status = terminal.ended()

    assert status == 1
    assert (
        terminal.written
        == "error: site nosite does not exist\r\nhint: see: pgdispatch site list\r\n"
    )


def test_status_watches_until_it_is_interrupted(evening: Evening) -> None:
    """The small form of the screen, without a package more."""
    with open_terminal(evening.dsn, "status", "--watch") as terminal:
        terminal.until_written("5 waiting, 2 running; 3 nodes, 1 lost")
        evening.verbs.cancel(evening.jobs["Rates"])
        terminal.until_written("4 waiting, 2 running")
        terminal.process.send_signal(signal.SIGINT)
        status = terminal.ended()

    assert status == 130


def test_status_watched_is_for_people(evening: Evening) -> None:
    """A program reads it once."""
    done = run_command(evening.dsn, "status", "--watch", "--json")

    assert done.status == 2
    assert done.err.startswith("error: --watch is for people: leave --json out\n")
