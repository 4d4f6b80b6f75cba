"""A command made of commands, which are imported only when they are asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import click


@dataclass(frozen=True)
class Entry:
    """Where a command is (`module:attribute` under `pgdispatch_cli.commands`), and its one line."""

    place: str
    summary: str


class HelpfulGroup(click.Group):
    """Show the help, as the usage error it is, when no command is named."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Leave with status 2 and the help on standard error if there are no arguments."""
        if not args and not ctx.resilient_parsing:
            click.echo(ctx.get_help(), err=True)
            ctx.exit(2)
        return super().parse_args(ctx, args)


class SectionedGroup(HelpfulGroup):
    """The top-level command: its commands by purpose, each imported on first use."""

    def __init__(self, *args: Any, sections: Mapping[str, Mapping[str, Entry]], **more: Any):
        super().__init__(*args, **more)
        self.sections = sections
        self.entries = {
            name: entry for section in sections.values() for name, entry in section.items()
        }

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        """Return the names of all commands in the order of the help."""
        return list(self.entries)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002  # click's signature
        cmd_name: str,
    ) -> click.Command | None:
        """Import one command; None if there is none of that name."""
        entry = self.entries.get(cmd_name)
        if entry is None:
            return None
        module, _, attribute = entry.place.partition(":")
        found: click.Command = getattr(
            import_module(f"pgdispatch_cli.commands.{module}"), attribute
        )
        return found

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002  # click's signature
        formatter: click.HelpFormatter,
    ) -> None:
        """Write the commands under their sections, without importing them."""
        width = max(len(name) for name in self.entries)
        for title, section in self.sections.items():
            with formatter.section(title):
                formatter.write_dl(
                    [(name.ljust(width), entry.summary) for name, entry in section.items()]
                )
