"""The list of commands, their help, and what an exception means."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import click
import psycopg
import pytest
from click.testing import CliRunner
from sqlalchemy.exc import OperationalError, ProgrammingError

import pgdispatch_cli
from pgdispatch.errors import NoDatabaseError, PgdispatchError, SchemaMismatchError
from pgdispatch_cli.commands.jobs import headline
from pgdispatch_cli.commands.worker import split_types
from pgdispatch_cli.failure import explain, report
from pgdispatch_cli.main import cli
from support.cli.command_tree import commands

LEAVES = {" ".join(path): command for path, command in commands()}


@pytest.mark.parametrize("name", LEAVES)
def test_every_command_has_help_with_an_example(name: str) -> None:
    """The example shows the very command."""
    result = CliRunner().invoke(cli, [*name.split(), "--help"])

    assert result.exit_code == 0
    shown = result.output.partition("For example:\n")[2]
    shown = re.sub(r"--dsn '.*?' ", "", shown)
    assert shown.startswith(f"    pgdispatch {name}")


def test_help_of_every_command_fits_80_columns() -> None:
    """Its examples, too."""
    for name in LEAVES:
        shown = CliRunner().invoke(cli, [*name.split(), "--help"], terminal_width=80).output

        assert max(len(line) for line in shown.splitlines()) <= 80, name


def test_every_command_has_a_file_named_like_it() -> None:
    """Groups are folders; in `commands` there is no other file."""
    folder = Path(pgdispatch_cli.__file__).parent / "commands"
    named = {f"{name.replace(' ', '/').replace('-', '_')}.py" for name in LEAVES}
    made_in = {callback.__module__ for one in LEAVES.values() if (callback := one.callback)}
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("[!_]*.py")}

    assert files == named
    assert len(made_in) == len(named)


@pytest.mark.parametrize("name", LEAVES)
def test_every_command_that_has_a_database_takes_a_dsn(name: str) -> None:
    """After the command's name as well as before it."""
    options = [option for parameter in LEAVES[name].params for option in parameter.opts]

    assert ("--dsn" in options) == (name not in {"demo", "completion"})


def test_every_command_that_looks_or_changes_something_has_its_answer_as_json() -> None:
    """Those without serve until they are stopped, or write something else."""
    without = {
        name
        for name, command in LEAVES.items()
        if not any("--json" in parameter.opts for parameter in command.params)
    }

    assert without == {"completion", "demo", "dsn", "export", "up", "web", "worker"}


def test_help_of_all_fits_a_page_and_imports_no_command() -> None:
    """One line for each command, grouped by purpose; the epilog gets one going."""
    output = CliRunner().invoke(cli, ["--help"]).output

    assert len(output.splitlines()) <= 74
    assert max(len(line) for line in output.splitlines()) <= 80
    assert all(f"\n  {name} " in output for name in cli.list_commands(click.Context(cli)))
    assert output.count("\n    pgdispatch ") == 3


def test_what_help_needs_imports_neither_sqlalchemy_nor_rich() -> None:
    """`pgdispatch --help` stays quick: the heavy libraries are for the commands."""
    folder = Path(pgdispatch_cli.__file__).parent
    seen, wanted = set(), {"main"}
    while wanted:
        module = wanted.pop()
        seen.add(module)
        for imported in imports(folder / f"{module}.py"):
            assert imported.partition(".")[0] not in {"sqlalchemy", "rich", "psycopg", "pgdispatch"}
            if imported.startswith("pgdispatch_cli."):
                wanted |= {imported.partition(".")[2]} - seen


def test_list_of_types_is_split_at_commas() -> None:
    """An empty list is refused, as it would mean a node that takes nothing."""
    assert split_types(None) is None
    assert split_types("flow, alert,") == ("flow", "alert")
    with pytest.raises(click.BadParameter):
        split_types(" ,")


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (None, None),
        ("", None),
        ("disk full\nmore", "disk full"),
        ("Traceback (most recent call last):\n  File …\nValueError: no", "ValueError: no"),
        ("x" * 300, "x" * 99 + "…"),
    ],
)
def test_headline_is_the_line_that_says_most(error: str | None, line: str | None) -> None:
    """The last of a traceback, else the first."""
    assert headline(error) == line


@pytest.mark.parametrize(
    ("cause", "kind"),
    [
        (psycopg.OperationalError("connection refused"), NoDatabaseError),
        (psycopg.errors.AdminShutdown("going down"), NoDatabaseError),
        (psycopg.errors.UndefinedTable("no such table"), SchemaMismatchError),
        (psycopg.errors.DivisionByZero("division by zero"), PgdispatchError),
    ],
)
def test_error_of_the_database_is_explained_by_its_sqlstate(
    cause: psycopg.Error, kind: type[PgdispatchError]
) -> None:
    """Whether SQLAlchemy wraps it or not."""
    wrapped = ProgrammingError("select 1", {}, cause)

    assert type(explain(cause)) is kind
    assert type(explain(wrapped)) is kind


def test_error_of_our_own_making_is_left_to_its_traceback() -> None:
    """Hiding a bug helps nobody."""
    assert report(KeyError("a bug")) is None


def test_report_writes_the_error_and_returns_its_status(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """3: no database."""
    refused = OperationalError("", {}, psycopg.OperationalError("refused\n\tand more"))

    assert report(refused) == 3
    assert capsys.readouterr().err.startswith(
        "error: the database cannot be reached\ndetail: refused\nhint: "
    )


def imports(path: Path) -> Iterator[str]:
    """Yield the modules that a file imports at once."""
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
