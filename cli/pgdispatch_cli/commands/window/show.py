"""Everything about one closed window."""

from __future__ import annotations

import click

from pgdispatch_cli.filtering import find
from pgdispatch_cli.options import database_option, example, listing_options
from pgdispatch_cli.output import format_value, write_json, write_page
from pgdispatch_cli.reading import looking

FACTS = {
    "scope": "closes",
    "target": "which",
    "state": "state",
    "opens_at": "from",
    "closes_at": "to",
    "recurrence": "recurrence",
    "lasts": "lasts",
    "time_zone": "time zone",
    "calendar": "calendar",
    "on_free_day": "on a free day",
    "drain_before": "drains before",
    "run_at_end": "runs at its end",
    "reason": "reason",
    "created_by": "added by",
    "created_at": "added",
}


@click.command(epilog=example("pgdispatch window show backup"))
@click.argument("name")
@listing_options
@database_option
def command(name: str, as_json: bool) -> None:
    """Show a window: what it closes, from when to when, and why."""
    with looking() as connection:
        window = find(connection, "window_status", "closed_window", name)
    if as_json:
        write_json([window])
        return
    facts = [(label, format_value(window[field])) for field, label in FACTS.items()]
    write_page("window ", name, facts)
