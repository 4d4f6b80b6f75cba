"""A command that is told its options in the order in which they were typed."""

from __future__ import annotations

from typing import Any

import click

TYPED = "pgdispatch.typed"


class InOrder(click.Command):
    """As click's, but `typed` knows which option came when, each with its value."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse, and keep the order, which click's own values no longer have."""
        values, _, order = self.make_parser(ctx).parse_args(args=list(args))
        given = {name: iter(value) for name, value in values.items() if isinstance(value, list)}
        ctx.meta[TYPED] = [
            (parameter.name, next(given[parameter.name]))
            for parameter in order
            if parameter.name in given and isinstance(parameter, click.Option)
        ]
        return super().parse_args(ctx, args)


def typed(context: click.Context) -> list[tuple[str, Any]]:
    """Return the options that may be given several times, each with one value, as typed."""
    return list(context.meta.get(TYPED, ()))
