"""Commands made of commands: a folder for a group, and in it a file for each command.

The file is named like the command, with `_` for `-`, and its `command` is that. It is imported only
when it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import Any

import click
from click.shell_completion import CompletionItem


class CommandFolder(click.Group):
    """The commands `names` of a package. It shows its help, as a usage error, if none is named."""

    def __init__(self, *, package: str, names: Iterable[str], **more: Any) -> None:
        stand_ins = [click.Command(name) for name in names]
        super().__init__(commands=stand_ins, **more)
        self.package = package

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Leave with status 2 and the help on standard error if there are no arguments."""
        if not args and not ctx.resilient_parsing:
            click.echo(ctx.get_help(), err=True)
            ctx.exit(2)
        return super().parse_args(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return the commands that begin so, without importing them, and the options."""
        found = [CompletionItem(name) for name in self.commands if name.startswith(incomplete)]
        return [*found, *click.Command.shell_complete(self, ctx, incomplete)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command; None if there is none of that name."""
        if cmd_name not in self.commands:
            return None
        module = import_module(f"{self.package}.{cmd_name.replace('-', '_')}")
        found: click.Command = module.command
        if ctx.resilient_parsing:  # a shell completes
            completing = import_module("pgdispatch_cli.completing")
            completing.offer_names(found, ctx.info_name or "", cmd_name)
        return found


class SectionedFolder(CommandFolder):
    """The top-level command: its commands by purpose, each with its line in the help."""

    def __init__(self, *, sections: Mapping[str, Mapping[str, str]], **more: Any) -> None:
        names = [name for section in sections.values() for name in section]
        super().__init__(names=names, **more)
        self.sections = sections

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        """Return the names of all commands in the order of the help."""
        return list(self.commands)

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002  # click's signature
        formatter: click.HelpFormatter,
    ) -> None:
        """Write the commands under their sections, without importing them."""
        width = max(len(name) for name in self.commands)
        for title, section in self.sections.items():
            with formatter.section(title):
                formatter.write_dl([(name.ljust(width), line) for name, line in section.items()])
