"""Options that many commands share, and the form of their examples."""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])
GIVEN_DSN = "pgdispatch_cli.dsn"
IS_WIDE = "pgdispatch_cli.wide"
REASON = "pgdispatch_cli.reason"


def keep_dsn(context: click.Context, _: click.Parameter, value: str | None) -> None:
    """Keep what --dsn says, wherever on the command line it stood, for `connecting`."""
    if value is not None:
        context.meta[GIVEN_DSN] = value


def database_option(command: Command) -> Command:
    """Add --dsn, which may stand before or after the command's name."""
    return click.option(
        "--dsn",
        metavar="DSN",
        expose_value=False,
        callback=keep_dsn,
        help="Database to use (default: PGDISPATCH_DSN, libpq's PG… variables, a running 'up').",
    )(command)


def json_option(command: Command) -> Command:
    """Add --json, as parameter `as_json`."""
    return click.option(
        "--json",
        "as_json",
        is_flag=True,
        help="Print a JSON array of objects; times in ISO 8601, spans in seconds.",
    )(command)


def listing_options(command: Command) -> Command:
    """Add --json, as parameter `as_json`, and --wide, which `is_wide` tells of."""
    command = click.option(
        "--wide",
        is_flag=True,
        expose_value=False,
        callback=keep_wide,
        help="Show all columns whole, however narrow the terminal.",
    )(command)
    return json_option(command)


def keep_wide(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    """Keep what --wide says for whoever writes the table."""
    context.meta[IS_WIDE] = wanted


def is_wide() -> bool:
    """Tell whether the command at hand was given --wide."""
    context = click.get_current_context(silent=True)
    return context is not None and bool(context.meta.get(IS_WIDE))


def by_option(command: Command) -> Command:
    """Add --as, as parameter `by`: who does it, for the job's record."""
    return click.option(
        "--as",
        "by",
        metavar="WHO",
        default=user_name,
        help="Who does it (default: your user name).",
    )(command)


def reason_option(command: Command) -> Command:
    """Add --reason, which every change of the command is noted with."""
    return click.option(
        "--reason",
        metavar="TEXT",
        expose_value=False,
        callback=keep_reason,
        help="Why, for 'pgdispatch changes'.",
    )(command)


def keep_reason(context: click.Context, _: click.Parameter, value: str | None) -> None:
    """Keep what --reason says for whoever begins a transaction."""
    if value:
        context.meta[REASON] = value


def given_reason() -> str | None:
    """Return what the command at hand was given as --reason."""
    context = click.get_current_context(silent=True)
    return None if context is None else context.meta.get(REASON)


def limit_option(command: Command) -> Command:
    """Add --limit."""
    return click.option(
        "--limit",
        type=click.IntRange(min=1),
        metavar="N",
        default=50,
        show_default=True,
        help="Show so many at most.",
    )(command)


def runs_option(command: Command) -> Command:
    """Add --runs."""
    return click.option(
        "--runs",
        type=click.IntRange(min=0, max=1000),
        metavar="N",
        default=5,
        show_default=True,
        help="Show the last so many runs.",
    )(command)


def user_name() -> str:
    """Return the name of the operating system's user, or its number if it has no name."""
    try:
        return getpass.getuser().encode(errors="replace").decode()  # the environment is any bytes
    except (OSError, KeyError):
        return str(os.getuid())


def example(*lines: str) -> str:
    r"""Return an epilog that shows how the command is used, kept line by line (`\b`).

    A long line goes on in the next one, as a shell reads it.
    """
    kept = [part for line in lines for part in continued(line)]
    return "\b\nFor example:\n" + "\n".join(f"  {line}" for line in kept)


def continued(line: str) -> list[str]:
    """Return a command in lines of 72 characters at most, broken before an option."""
    at = line.rfind(" --", 0, 72)
    if len(line) <= 72 or at < 0:
        return [line]
    return [f"{line[:at]} \\", *continued(f"  {line[at:]}")]
