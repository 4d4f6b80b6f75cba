"""What hurts, and what to do about it."""

from __future__ import annotations

from dataclasses import asdict

import click

from pgdispatch.doctor import Finding, examine
from pgdispatch_cli.connecting import target
from pgdispatch_cli.connection import connect
from pgdispatch_cli.options import database_option, example, json_option
from pgdispatch_cli.output import folded, write_folded, write_json
from pgdispatch_cli.stderr import printable, write_remark


@click.command(epilog=example("pgdispatch doctor", "pgdispatch doctor --json | jq '.[].problem'"))
@click.option(
    "--patience",
    type=click.FloatRange(min=0),
    default=300.0,
    show_default=True,
    metavar="SECONDS",
    help="Call transactions old that have been open for so long.",
)
@json_option
@database_option
def command(patience: float, as_json: bool) -> int:
    """Look for what hurts, and say what to do.

    Compares the schema with this version of the package, and looks for lost grants, silent nodes
    and dead listeners, jobs that no node takes, wrong clocks, bloat and what causes it, and
    settings that lose jobs. Changes nothing. Exit status 0: nothing found, 1: something.
    """
    with connect(target().dsn, checked=False) as connection:
        made = examine(connection, patience=patience)
    if as_json:
        write_json([asdict(finding) for finding in made.findings])
    else:
        for finding in made.findings:
            write(finding)
    for check, reason in made.skipped.items():
        write_remark(f"not looked at: {check} ({reason})")
    write_remark(f"{len(made.findings) or 'nothing'} found")
    return 1 if made.findings else 0


def write(finding: Finding) -> None:
    """Write a finding for people."""
    for line in folded(printable(f"{finding.check}: {finding.problem}")):
        click.secho(line, bold=True)
    write_folded(printable(finding.evidence), first="  found: ")
    write_folded(printable(finding.advice), first="  do:    ")
    click.echo()
