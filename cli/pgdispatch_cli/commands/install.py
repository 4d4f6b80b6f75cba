"""Install the schema or upgrade it."""

from __future__ import annotations

import click

from pgdispatch.schema import installer
from pgdispatch.schema.upgrade import Options, Upgrade
from pgdispatch_cli.connecting import target
from pgdispatch_cli.options import database_option, example, json_option
from pgdispatch_cli.output import write_done, write_json
from pgdispatch_cli.stderr import write_remark, write_warning


@click.command(
    epilog=example(
        "pgdispatch --dsn 'host=db.example dbname=etl' install", "pgdispatch install --dry-run"
    )
)
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option(
    "--again",
    is_flag=True,
    help="Apply functions, views and rights even if the schema is up to date.",
)
@click.option(
    "--attempts",
    type=click.IntRange(min=1),
    default=10,
    show_default=True,
    metavar="N",
    help="Try so often to get the locks, 1.5 s each time, with 3 s between.",
)
@click.option(
    "--stop-nodes",
    is_flag=True,
    help="Tell nodes that the new schema does not serve to stop, and wait for them.",
)
@json_option
@database_option
def command(*, dry_run: bool, again: bool, attempts: int, stop_nodes: bool, as_json: bool) -> None:
    """Install the schema into a database, or upgrade it in place.

    PostgreSQL 15 or newer; no extension is needed. All of it is one transaction, and doing it
    again changes nothing. Nodes and applications go on meanwhile; those of the former version are
    served as long as the levels say so. A schema newer than this version is refused (status 4).
    """
    found = target()
    options = Options(again=again, attempts=attempts, stop_nodes=stop_nodes, say=write_remark)
    if dry_run:
        upgrade = Upgrade(found.dsn, installer.package(), installer.catalog_query(), options)
        lines = upgrade.preview()
        if as_json:
            write_json([{"step": line} for line in lines])
        else:
            click.echo("".join(f"{line}\n" for line in lines), nl=False)
        write_remark(f"{'nothing was' if lines else 'nothing to be'} done in {found.shown()}")
        return
    done = installer.install(found.dsn, options)
    for step in done.steps:
        write_remark(f"applied versions/{step.name}")
    what = "installed" if done.changed else "was up to date, nothing changed"
    write_done(
        f"schema pgdispatch {what} ({done.digest[:12]}) in {found.shown()}",
        {
            "changed": done.changed,
            "digest": done.digest,
            "versions": [step.name for step in done.steps],
            "remaining": list(done.remaining),
        },
        as_json=as_json,
    )
    if done.remaining:
        write_warning(
            f"{len(done.remaining)} objects are not as this version makes them, "
            f"among them {done.remaining[0]}",
            hint="see: pgdispatch doctor",
        )
