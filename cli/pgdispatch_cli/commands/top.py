"""What runs, what waits and why, live in the terminal."""

from __future__ import annotations

import click

from pgdispatch_cli.options import by_option, database_option, example

PANES = ("backgrounders", "queue", "ended", "gates", "schedules", "nodes")


@click.command(epilog=example("pgdispatch top", "watch pgdispatch top --once"))
@click.option(
    "--interval",
    type=click.FloatRange(0.5, 60),
    default=2,
    show_default=True,
    metavar="SECONDS",
    help="Look so often.",
)
@click.option("--read-only", is_flag=True, help="Only look: no key changes anything.")
@click.option("--site", help="Only jobs of this site, to begin with.")
@click.option(
    "--pane",
    type=click.Choice(PANES),
    help="Begin with this pane; with --once or --json, only this one.",
)
@click.option("--once", is_flag=True, help="Print the screen once, as where there is no terminal.")
@click.option("--json", "as_json", is_flag=True, help="Print all of it once, as a JSON object.")
@by_option
@database_option
def command(
    *,
    interval: float,
    read_only: bool,
    site: str | None,
    pane: str | None,
    once: bool,
    as_json: bool,
    by: str,
) -> int:
    """Show what runs, what waits and why, live in the terminal.

    The last line tells the keys, and ? all of them. Capital letters change something, and ask once
    more. It needs the package's extra 'top'; without it, and where there is no terminal, the screen
    is printed once. 'pgdispatch status --watch' does without.
    """
    from pgdispatch_cli.top.reading import Options  # noqa: PLC0415  # as in worker
    from pgdispatch_cli.top.start import start  # noqa: PLC0415

    options = Options(interval, is_read_only=read_only, site=site, pane=pane, by=by)
    return start(options, is_once=once, as_json=as_json)
