"""What people were told."""

from __future__ import annotations

import click

from pgdispatch_cli.filtering import check_known
from pgdispatch_cli.options import database_option, example, limit_option, listing_options
from pgdispatch_cli.output import Column, write_listing
from pgdispatch_cli.reading import Rows, looking, read

COLUMNS = (
    Column("notice", "notice", drop=3),
    Column("at", "at"),
    Column("what", "what", drop=4),
    Column("text", "text", least=20),
    Column("target", "target", drop=2, least=6),
    Column("state", "state"),
    Column("reason", "reason", drop=1, least=10),
    Column("delivery", "delivery", drop=5),
)
STATES = ("waiting", "under way", "delivered", "given up")
WHATS = (
    *("failure", "suspension", "recovery", "node_lost", "schedule_late", "budget_spent"),
    "test",
)


@click.command(
    epilog=example("pgdispatch notices --state waiting", "pgdispatch notices --target ops --json")
)
@click.option("--what", type=click.Choice(WHATS), help="Only notices of this.")
@click.option("--site", help="Only of this site.")
@click.option("--target", metavar="TARGET", help="Only to this target.")
@click.option("--state", type=click.Choice(STATES), help="Only those that are so.")
@limit_option
@listing_options
@database_option
def command(*, limit: int, as_json: bool, **filters: str | None) -> None:
    """Show what people were told, newest first.

    state: waiting for its turn, as a target gets a delivery every few minutes at most; under way,
    as job DELIVERY delivers it, or tries again later; delivered; or given up. reason: why not yet.
    """
    asked = Rows("notice_status").of(filters)
    with looking() as connection:
        rows = read(connection, asked, limit=limit)
        if not rows and filters["site"] is not None:
            check_known(connection, Rows("notice_status"), "site", filters["site"])
    such = " such" if any(filters.values()) else ""
    write_listing(rows, COLUMNS, as_json=as_json, empty=f"there is no{such} notice")
