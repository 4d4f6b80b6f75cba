"""Keep passwords off the command line, where every user of the machine can read them.

A command that is given --dsn with a password starts itself anew without it, as the same process.
The connection string goes by way of the environment, which only the same user can read, and is
taken out of there before anything else is started.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass

CARRIER = "PGDISPATCH_CONCEALED_DSN"
OPTION = "--dsn"
TO_HIDE = r"(?i)password|secret|//[^/@]*:[^/@]*@"


@dataclass(frozen=True)
class Split:
    """A command line without its connection string, and that string: the last one given."""

    rest: list[str]
    dsn: str | None


def split(arguments: Sequence[str]) -> Split:
    """Take --dsn out of a command line, wherever it stands before a lone `--`."""
    rest: list[str] = []
    dsn = None
    position = 0
    while position < len(arguments):
        argument = arguments[position]
        if argument == "--":
            return Split([*rest, *arguments[position:]], dsn)
        if argument == OPTION and position + 1 < len(arguments):
            position += 1
            dsn = arguments[position]
        elif argument.startswith(f"{OPTION}="):
            dsn = argument.removeprefix(f"{OPTION}=")
        else:
            rest.append(argument)
        position += 1
    return Split(rest, dsn)


def conceal() -> None:
    """Start this process anew if its command line has a password; does not return then."""
    reveal(sys.argv, os.environ)
    given = split(sys.argv[1:])
    if given.dsn is None or not re.search(TO_HIDE, given.dsn) or is_concealed():
        return
    program = sys.orig_argv[1 : len(sys.orig_argv) - len(sys.argv) + 1]
    os.environ[CARRIER] = given.dsn
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, *program, *given.rest])  # noqa: S606  # ourselves


def reveal(arguments: list[str], environment: MutableMapping[str, str]) -> None:
    """Put what was concealed back among the arguments, as far as this process sees them."""
    dsn = environment.pop(CARRIER, None)
    if dsn is not None:
        arguments[1:1] = [OPTION, dsn]


def is_concealed() -> bool:
    """Whether the arguments as the machine shows them have no connection string."""
    return split(sys.orig_argv).dsn is None
