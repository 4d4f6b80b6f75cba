"""What waits, in the order of dispatch."""

from __future__ import annotations

import click
from sqlalchemy import select

from pgdispatch import views
from pgdispatch_cli.options import database_option, example, limit_option, listing_options
from pgdispatch_cli.output import Column, write_listing
from pgdispatch_cli.session import database
from pgdispatch_cli.stderr import write_remark

COLUMNS = (
    Column("position", "#"),
    Column("job", "job"),
    Column("type", "type", drop=4, least=8),
    Column("site", "site", drop=5, least=6),
    Column("title", "title", drop=3, least=10),
    Column("priority", "prio"),
    Column("decided_by", "decided by", drop=7),
    Column("reason", "waits because", least=28, tells_time=True),
    Column("waits_for", "for", drop=6),
)


@click.command(
    epilog=example("pgdispatch queue", "pgdispatch queue --site acme --json | jq '.[0].reason'")
)
@click.option("--site", help="Only jobs of this site.")
@click.option("--type", "job_type", metavar="TYPE", help="Only jobs of this type.")
@limit_option
@listing_options
@database_option
def queue(site: str | None, job_type: str | None, limit: int, as_json: bool) -> None:
    """Show what waits, in the order of dispatch, and why.

    Each job with its position among all waiting jobs, what decided its place against the job
    before it, and the reason why it waits.
    """
    query = select(views.queue).limit(limit + 1)  # the view is in order; sorting would read it all
    if site is not None:
        query = query.where(views.queue.c.site == site)
    if job_type is not None:
        query = query.where(views.queue.c.type == job_type)
    with database() as connection:
        rows = connection.execute(query).mappings().all()
    write_listing(rows[:limit], COLUMNS, as_json=as_json, empty="no job waits")
    if len(rows) > limit:
        write_remark(f"the first {limit} of more; see others with --limit")
