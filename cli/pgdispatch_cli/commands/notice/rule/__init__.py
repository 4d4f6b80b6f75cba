"""Rules: who is told of what."""

from __future__ import annotations

import click

from pgdispatch_cli.group import CommandFolder
from pgdispatch_cli.options import database_option


@click.group(cls=CommandFolder, package=__name__, names=("add", "list", "remove"))
@database_option
def command() -> None:
    """Rules: who is told of what.

    \b
      failure        a job has failed, its retries too
      suspension     a task failed too often in a row
      recovery       a task succeeds after one of these was told
      node_lost      a node has given no sign of life for a whole lease
      schedule_late  what a schedule is due for has not been created
      budget_spent   a site has spent its run time of the day
      contract_at_risk, contract_late, contract_broken, contract_fresh
                     how a contract stands has changed; each tells its own target, too
    """  # noqa: D301  # \b is click's mark for lines to be kept
