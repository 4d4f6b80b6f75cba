"""Make the configuration what a file says."""

from __future__ import annotations

from typing import IO

import click
import psycopg

from pgdispatch.errors import PgdispatchError
from pgdispatch_cli.connecting import target
from pgdispatch_cli.connection import connect
from pgdispatch_cli.estate.apply import Outcome, Wanted, apply_file
from pgdispatch_cli.estate.showing import BECAME, BECOMES, as_rows, summary, write_left, write_plan
from pgdispatch_cli.options import database_option, example, json_option
from pgdispatch_cli.output import write_done, write_json
from pgdispatch_cli.stderr import write_remark

DIFFERENT = 5  # exit status: there are differences, and nothing was done


@click.command(
    epilog=example(
        "pgdispatch apply estate.toml",
        "pgdispatch apply estate.toml --prune --yes --reason 'ticket 12'",
        "pgdispatch apply acme.toml --site acme --dry-run",
    )
)
@click.argument("file", type=click.File("rb"))
@click.option("--site", help="Only what belongs to this site.")
@click.option("--prune", is_flag=True, help="Delete what is not in the file, of tables that are.")
@click.option("--yes", is_flag=True, help="Do it; without, only try, and show what it does.")
@click.option("--dry-run", is_flag=True, help="Only try, also with --yes.")
@click.option("--reason", help="Why, for 'pgdispatch changes' (default: apply FILE).")
@json_option
@database_option
def command(
    *,
    file: IO[bytes],
    site: str | None,
    prune: bool,
    yes: bool,
    dry_run: bool,
    reason: str | None,
    as_json: bool,
) -> int:
    """Make the configuration what FILE says, all of it or nothing; '-' is standard input.

    FILE is as 'pgdispatch export' writes it; of what it leaves out the defaults count. A task is
    known by site, type and title, a linked task by site and title, all else by name: another one is
    a new one, so rename by the commands for that. Of tables that are not in FILE nothing changes.

    Exit status 5: there are differences, and nothing was done.
    """
    is_trial = dry_run or not yes
    reason = f"apply {file.name}" if reason is None else reason
    wanted = Wanted(file.name, file.read(), site, prune=prune, is_trial=is_trial, reason=reason)
    outcome = Outcome()
    try:
        with connect(target().dsn, checked=True) as connection:
            apply_file(connection, wanted, outcome)
    except (PgdispatchError, psycopg.Error):
        if not as_json:
            write_plan(outcome.changes)
        raise
    return tell(outcome, is_trial=is_trial, as_json=as_json)


def tell(outcome: Outcome, *, is_trial: bool, as_json: bool) -> int:
    """Say what was done, or would be; return the exit status."""
    if as_json and outcome.document:
        write_json(as_rows(outcome.document, outcome.changes))
    else:
        write_plan(outcome.changes)
        write_left(outcome.changes)
    if not outcome.differs:
        write_remark("the configuration is as the file says")
        return 0
    if is_trial:
        write_remark(f"nothing was done: {summary(outcome.changes, BECOMES)}; --yes does it")
        return DIFFERENT
    if not as_json:
        write_done(summary(outcome.changes, BECAME))
    return 0
