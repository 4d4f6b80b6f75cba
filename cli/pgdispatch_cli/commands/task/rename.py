"""Rename a task."""

from __future__ import annotations

from typing import Any

import click

from pgdispatch_cli.naming import naming_options, rename_thing
from pgdispatch_cli.options import database_option, example
from pgdispatch_cli.parameters import number


@click.command(
    epilog=example(
        "pgdispatch task rename 12 'Sales, full'",
        "pgdispatch task rename 12 'Sales, full' --yes --reason 'ticket 12'",
    )
)
@click.argument("task_number", metavar="TASK", type=number)
@click.argument("title", metavar="TITLE")
@naming_options
@database_option
def command(task_number: int, title: str, **options: Any) -> None:
    """Give a task another title; jobs that exist keep theirs."""
    rename_thing("task", task_number, title, **options)
