"""Jobs of every type on real data, and whether their order was right."""

from __future__ import annotations

import click

from pgdispatch_cli.options import example


@click.command(epilog=example("pgdispatch demo", "pgdispatch demo --plain --keep"))
@click.option("--keep", is_flag=True, help="Leave the data folder for a look afterwards.")
@click.option("--plain", is_flag=True, help="Print lines instead of a live view.")
def command(keep: bool, plain: bool) -> int:
    """Run jobs of every type on real data and check their order.

    Takes a minute, on a private server that is gone afterwards. The exit status is 0 only if no
    job started out of order and no gate was ever exceeded.
    """
    from pgdispatch.demo import DemoOptions, run  # noqa: PLC0415  # as in worker

    return run(DemoOptions(keep=keep, plain=plain))
