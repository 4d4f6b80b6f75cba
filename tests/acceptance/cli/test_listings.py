"""Every listing fits a terminal of 80 columns, uses the room of 120, and --wide shows all."""

from __future__ import annotations

import os
import pty
import re
import struct
import subprocess
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import ioctl

import pytest
from rich.cells import cell_len

from support.bad_input import long_names
from support.bad_input.long_names import furnish
from support.cli.command import COMMAND, Finished, command_environment
from support.cli.command_tree import commands, run_here

pytestmark = pytest.mark.usefixtures("newest_only")

LISTINGS = [path for path, command in commands() if "wide" in {p.name for p in command.params}]
MORE = [("show", "1"), ("show", "3"), ("doctor",)]  # no tables, but to be read on a terminal
ARGUMENTS = {
    ("site", "timeout"): ["acme"],
    ("schedule", "preview"): [long_names.SCHEDULE],
    ("schedule", "run-now"): [long_names.SCHEDULE],
    ("linked-task", "show"): ["1"],
    ("bench",): ["--jobs", "100"],
    ("what-if",): ["--limit", "acme=1", "--runs", "2"],
}
BARE = {  # what they list has to be named by no argument
    path
    for path, command in commands()
    if path not in ARGUMENTS and not any(parameter.required for parameter in command.params)
}
ON_EMPTY: dict[tuple[str, ...], list[str]] = {
    ("schedule", "preview"): ["--recurrence", "daily at 02:30"]
}
NUMBERS = {"queue": r"^ *(\d+) +(\d+) ", "jobs": r"^ *(\d+) ", "status": r":(\d\d?)(?= +[a-z])"}


@contextmanager
def terminal(dsn: str, width: int | None) -> Iterator[None]:
    """Let the command in this process write to `width` columns of a database; None: to a pipe."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PGDISPATCH_DSN", dsn)
        patch.delenv("COLUMNS", raising=False)
        if width is not None:
            patch.setenv("COLUMNS", str(width))
        yield


def run(dsn: str, width: int | None, *arguments: str) -> Finished:
    """Run a command on so many columns."""
    with terminal(dsn, width):
        return run_here(*arguments)


def widest(done: Finished) -> int:
    """Return the cells of the longest line of a listing, what is remarked on it included."""
    remarks = re.sub(r"^(error|hint): .*$", "", done.err, flags=re.MULTILINE)
    return max(cell_len(line) for line in (done.out + remarks).splitlines())


@pytest.mark.parametrize("width", [80, 120])
def test_every_listing_fits_the_terminal_with_long_names(database: str, width: int) -> None:
    """Chinese and pictures count two cells; no cell is folded: a row is a line."""
    furnish(database)

    for path in [*LISTINGS, *MORE]:
        done = run(database, width, *path, *ARGUMENTS.get(path, []))

        assert widest(done) <= width, (path, done.out, done.err)


@pytest.mark.parametrize("width", [80, 120])
def test_every_listing_fits_the_terminal_when_there_is_little(database: str, width: int) -> None:
    """The settings and types are always there; of all else there is nothing."""
    for path in LISTINGS:
        if path in ON_EMPTY or path in BARE:
            done = run(database, width, *path, *ON_EMPTY.get(path, []))

            assert done.status == 0
            assert widest(done) <= width, (path, done.out, done.err)


def test_a_row_is_a_line_and_its_numbers_are_whole(database: str) -> None:
    """However narrow it is; what is cut says so."""
    furnish(database)

    for width in (40, 80, 120):
        for command in ("queue", "status", "jobs"):
            shown = run(database, width, command).out.split("\n\n")[-1].splitlines()
            whole = run(database, None, command).out.split("\n\n")[-1].splitlines()

            assert len(shown) == len(whole)
            own = re.compile(NUMBERS[command])
            assert [own.findall(line)[:1] for line in shown] == [
                own.findall(line)[:1] for line in whole
            ]
    title = run(database, 80, "queue").out.splitlines()[1]
    assert "Verkäufe" in title
    assert "…" in title
    assert re.match(r"1 +8 +", title)


def test_more_is_seen_at_120_and_all_with_wide_or_without_a_terminal(database: str) -> None:
    """What was left out is named."""
    furnish(database)

    narrow, broad = run(database, 80, "queue"), run(database, 120, "queue")
    wide, piped = run(database, 80, "queue", "--wide"), run(database, None, "queue")

    assert "decided by" not in narrow.out
    assert "left out: decided by, for; --wide shows all" in narrow.err.splitlines()
    assert "decided by" in broad.out
    assert widest(broad) > 100
    assert long_names.TITLE in wide.out
    assert "left out" not in wide.err
    assert (wide.out, wide.err) == (piped.out, piped.err)


def test_heartbeat_is_an_age_on_a_terminal_and_an_instant_elsewhere(database: str) -> None:
    """The zone of the instants is named once."""
    furnish(database)

    narrow, piped = run(database, 80, "status"), run(database, None, "status")

    assert re.search(r" m?s ago$", narrow.out, re.MULTILINE)
    assert "times in" not in narrow.err
    assert re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$", piped.out, re.MULTILINE)
    assert piped.err.count("times in ") == 1


def test_width_is_that_of_the_terminal(database: str) -> None:
    """A real one, by its own size."""
    furnish(database)
    leader, follower = pty.openpty()
    ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))

    subprocess.run(
        [str(COMMAND), "queue"],
        env=command_environment(database, TERM="xterm"),
        stdin=follower,
        stdout=follower,
        stderr=subprocess.DEVNULL,
        check=True,
        timeout=60,
    )
    os.close(follower)
    shown = read_all(leader)

    assert 70 < max(cell_len(line) for line in shown.splitlines()) <= 80


def read_all(leader: int) -> str:
    """Return what was written to a terminal that nobody has open any more."""
    found = b""
    try:
        while part := os.read(leader, 65536):
            found += part
    except OSError:  # Linux: the other side is closed
        pass
    os.close(leader)
    return re.sub(r"\x1b\[[\d;]*m", "", found.decode())
