"""Every command of `pgdispatch` with its parameters, and a way to run it in this process."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from unittest.mock import patch

import click
from hypothesis import strategies as st

from pgdispatch_cli.main import cli, main
from support.bad_input.values import bad
from support.cli.command import Finished

KINDS: Mapping[str, str] = {
    **dict.fromkeys(("integer", "integer range", "number", "priority", "limit"), "bigint"),
    **dict.fromkeys(("budget", "step_of", "float range"), "double precision"),
    "span": "interval",
    "when": "timestamp with time zone",
    "time_of_day": "time without time zone",
    "json_object": "jsonb",
}
Path = tuple[str, ...]


def commands(command: click.Command = cli, path: Path = ()) -> Iterator[tuple[Path, click.Command]]:
    """Yield the names and the object of every command that has none below it."""
    if not isinstance(command, click.Group):
        yield path, command
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        below = command.get_command(context, name)
        if below is not None:
            yield from commands(below, (*path, name))


@st.composite
def command_lines(
    draw: st.DrawFn, command: click.Command, known: Mapping[str, Sequence[str]]
) -> list[str]:
    """Draw what may stand after the names of a command; half of the values are `known` ones."""
    options: list[str] = []
    values: list[str] = []
    for parameter in command.params:
        if isinstance(parameter, click.Argument):
            most = 2 if parameter.nargs == -1 else 1
            least = 1 if parameter.required else 0
            value = argument(parameter, known)
            values += draw(st.lists(value, min_size=least, max_size=most))
        elif draw(st.integers(0, 2)) == 0:
            options.append(draw(st.sampled_from([*parameter.opts, *parameter.secondary_opts])))
            if isinstance(parameter, click.Option) and not parameter.is_flag:
                options.append(draw(argument(parameter, known)))
    return [*options, *draw(st.sampled_from([[], ["--"]])), *values]


def argument(
    parameter: click.Parameter, known: Mapping[str, Sequence[str]]
) -> st.SearchStrategy[str]:
    """Draw one value of a parameter, in characters that a command line can have."""
    kind = KINDS.get(parameter.type.name, "text")
    odd = bad(kind).map(lambda text: as_argument(text or ""))
    usual = list(known.get(parameter.name or "", []))
    if isinstance(parameter.type, click.Choice):
        usual = [str(choice) for choice in parameter.type.choices]
    return odd | st.sampled_from(usual) if usual else odd


def as_argument(text: str) -> str:
    """Return a text without zero bytes, and with bytes that are no UTF-8 as Python gets them."""
    return "".join(
        character if not "\ud800" <= character <= "\udfff" else "\udcff"
        for character in text.replace("\x00", "")
    )


def run_here(*arguments: str) -> Finished:
    """Run the command by its own entry point, in this process; it raises what it does not catch."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    with (
        redirect_stdout(out),
        redirect_stderr(err),
        patch.object(sys, "argv", ["x", *arguments]),
        patch.dict(os.environ),  # a node tells its processes there how to log
    ):
        status = main()
    return Finished(status, *(text_of(stream) for stream in (out, err)))


def text_of(stream: io.TextIOWrapper) -> str:
    """Return what was written."""
    stream.seek(0)
    return stream.read()
