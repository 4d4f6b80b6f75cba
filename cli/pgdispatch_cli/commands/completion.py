"""Completion of the command line in a shell."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from pgdispatch_cli.options import example

SHELLS = ("bash", "zsh", "fish")
VARIABLE = "_PGDISPATCH_COMPLETE"  # as click names it


@click.command(
    epilog=example(
        "pgdispatch completion bash >> ~/.bashrc",
        "pgdispatch completion zsh >> ~/.zshrc",
        "pgdispatch completion fish > ~/.config/fish/completions/pgdispatch.fish",
    )
)
@click.argument("shell", type=click.Choice(SHELLS))
def command(shell: str) -> None:
    """Print what lets a SHELL complete commands, options and names.

    Names of sites, schedules, types, nodes and settings come from the database, if it answers
    within a second.
    """
    maker = get_completion_class(shell)
    if maker is not None:
        root = click.get_current_context().find_root().command
        click.echo(maker(root, {}, "pgdispatch", VARIABLE).source())
