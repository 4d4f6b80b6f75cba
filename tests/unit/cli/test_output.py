"""Tables, JSON and texts as the command writes them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from uuid import UUID

import click
import pytest

from pgdispatch_cli.output import Column, format_value, write_done, write_json, write_listing
from pgdispatch_cli.stderr import printable, write_error

pytestmark = pytest.mark.usefixtures("no_terminal")
COLUMNS = (Column("id", "job"), Column("title", "title", least=8), Column("done", "done"))


@pytest.fixture
def no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing say how wide a line may be, as the runner of tests may do."""
    monkeypatch.delenv("COLUMNS", raising=False)


def test_table_is_one_line_a_row_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Numbers to the right, no borders, no blanks at the end, nothing taken for markup."""
    rows = [
        {"id": 7, "title": "[red]x", "done": None},
        {"id": 1234567890123, "title": "y" * 200, "done": True},
    ]

    write_listing(rows, COLUMNS, as_json=False, empty="none")

    assert capsys.readouterr().out.splitlines() == [
        "          job  title" + " " * 197 + "done",
        "            7  [red]x",
        "1234567890123  " + "y" * 200 + "  yes",
    ]


def test_a_cell_that_wraps_goes_on_below_itself(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between words, in cells as a terminal counts them; the other columns are empty there."""
    monkeypatch.setenv("COLUMNS", "20")
    columns = (Column("id", "job"), Column("why", "because", least=8, wraps=True))
    rows = [{"id": 7, "why": "serial schedule busy"}, {"id": 8, "why": "データ waits " + "x" * 20}]

    write_listing(rows, columns, as_json=False, empty="none")

    assert capsys.readouterr().out.splitlines() == [
        "job  because",
        "  7  serial schedule",
        "     busy",
        "  8  データ waits",
        "     " + "x" * 14 + "…",
    ]


@pytest.mark.parametrize(
    ("environment", "line"),
    [
        ({}, "\x1b[31m\x1b[1mlost\x1b[0m"),
        ({"NO_COLOR": "1"}, "\x1b[1mlost\x1b[0m"),
        ({"TERM": "dumb"}, "lost"),
    ],
)
def test_states_are_coloured_where_colours_are_welcome(
    environment: dict[str, str],
    line: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """See no-color.org."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in {"TERM": "xterm", **environment}.items():
        monkeypatch.setenv(name, value)

    with click.Context(click.Command("status"), color=True):  # as on a terminal
        write_listing([{"s": "lost"}], [Column("s", "state")], as_json=False, empty="none")

    assert capsys.readouterr().out.splitlines()[1].rstrip() == line


def test_empty_table_is_a_remark_and_empty_json_an_array(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """So that a program reads nothing it has to tell from a row."""
    write_listing([], COLUMNS, as_json=False, empty="no job waits")
    write_listing([], COLUMNS, as_json=True, empty="no job waits")

    written = capsys.readouterr()
    assert (written.out, written.err) == ("[]\n", "no job waits\n")


def test_json_has_iso_times_and_spans_in_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    """Control characters and all, it reads back."""
    instant = datetime(2030, 1, 31, 12, 0, tzinfo=UTC)
    write_json([{"at": instant, "for": timedelta(seconds=1.5), "title": "ü\x1b\n", "n": None}])

    assert json.loads(capsys.readouterr().out) == [
        {"at": "2030-01-31T12:00:00+00:00", "for": 1.5, "title": "ü\x1b\n", "n": None}
    ]


def test_json_has_the_incarnation_of_a_node_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    """A node that is up has one."""
    write_json([{"incarnation": UUID(int=1)}])

    assert json.loads(capsys.readouterr().out) == [{"incarnation": str(UUID(int=1))}]


def test_what_was_done_is_said_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever the name of what it was done to."""
    write_done("schedule \x1b[2J\n added")

    assert capsys.readouterr().out == r"schedule \x1b[2J\n added" + "\n"


def test_a_line_of_an_error_is_not_longer_than_is_of_use(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It repeats what was given, which may be a megabyte."""
    write_error("x" * 1_000_000, hint="use less")

    assert capsys.readouterr().err == f"error: {'x' * 1000}…\nhint: use less\n"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        *((None, ""), (True, "yes"), (False, "no"), (42, "42"), (0.5, "0.5"), (99.96, "100")),
        *((["a", "b"], "a, b"), ({"a": "ü"}, '{"a": "ü"}'), (timedelta(hours=1), "1 h 00 min")),
        ("a\x1b[2Jb", r"a\x1b[2Jb"),
    ],
)
def test_value_is_shown_for_people(value: object, text: str) -> None:
    """Null is nothing."""
    assert format_value(value) == text


@pytest.mark.parametrize("hostile", ["\x1b", "\r", "\x9b", "\u202e", "\n", "\x00", "\u2028"])
def test_what_a_terminal_would_obey_is_spelled_out(hostile: str) -> None:
    """A job's title comes from whoever inserted it."""
    assert hostile not in printable(f"a{hostile}b")
    assert printable("Grüße, 日本語") == "Grüße, 日本語"


def test_error_has_a_line_for_each_part(capsys: pytest.CaptureFixture[str]) -> None:
    """Further lines of one part are indented; parts that are not there are left out."""
    write_error("no\x1b way", detail="line 1\n\tline 2", hint=None)

    assert capsys.readouterr().err == "error: no\\x1b way\ndetail: line 1\n      line 2\n"
