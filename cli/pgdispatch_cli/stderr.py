"""What goes to standard error: refusals, warnings and remarks, in one form."""

from __future__ import annotations

import click

from pgdispatch_cli.hints import in_command

LONGEST = 1000  # characters of a line, which may repeat what was given


def printable(text: str) -> str:
    """Return `text` with everything escaped that a terminal would obey instead of show.

    As in `pgdispatch.host.streams`, see `stdio`.
    """
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in text
    )


def shortened(line: str) -> str:
    """Return the beginning of a line that nobody would read to its end."""
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}…"


def write_error(message: str, *, detail: str | None = None, hint: str | None = None) -> None:
    """Write `error: …`, then `detail: …` and `hint: …` if there are any.

    A hint of the database is put into the command's words.
    """
    if hint:
        hint = in_command(hint)
    for label, text in (("error", message), ("detail", detail), ("hint", hint)):
        if text:
            _write(label, text)


def write_warning(message: str, *, hint: str | None = None) -> None:
    """Write `warning: …`, then `hint: …` if there is one."""
    _write("warning", message)
    if hint:
        _write("hint", in_command(hint))


def write_remark(message: str) -> None:
    """Write a line that is for people only, and so does not belong into the output."""
    click.echo(printable(message), err=True)


def _write(label: str, text: str) -> None:
    lines = text.expandtabs(4).splitlines() or [""]
    first, *others = [printable(shortened(line)) for line in lines]
    click.echo(f"{label}: {first}", err=True)
    for line in others:
        click.echo(f"  {line}", err=True)
