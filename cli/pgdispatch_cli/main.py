"""The `pgdispatch` command: its list of commands, and how it ends."""

from __future__ import annotations

import errno
import sys
from importlib import import_module

import click

from pgdispatch_cli.concealing import conceal
from pgdispatch_cli.group import SectionedFolder
from pgdispatch_cli.options import database_option
from pgdispatch_cli.stderr import write_error
from pgdispatch_cli.stdio import OutputError, drop_rest, prepare

SECTIONS = {
    "Try it": {
        "demo": "Run jobs of every type on real data and check their order.",
        "up": "Start a private server, the schema and a node, all in one.",
    },
    "Set up": {
        "install": "Install the schema into a database.",
        "site": "Sites (tenants) and their limits.",
        "schedule": "Schedules: when they run, with what priority.",
        "calendar": "Calendars: which days are working days.",
        "window": "Closed windows: when nothing new starts.",
        "task": "Tasks: what a schedule or Run Now starts.",
        "linked-task": "Flows that run one after another.",
        "contract": "By when data have to be there, and whether they will.",
        "node": "Nodes: how many processes, and which jobs each takes.",
        "type": "Job types: their timeout and attempts.",
        "setting": "Settings of the whole installation.",
        "notice": "Who is told of what, and whether that arrives.",
        "export": "Write all of that out as a file.",
        "apply": "Make all of that what a file says.",
        "grant": "Let a database user in, for all sites or for some.",
        "revoke": "Take that back.",
        "token": "What programs sign in with, in place of a password.",
    },
    "Run jobs": {
        "worker": "Run the backgrounders of one node.",
        "enqueue": "Add a job to the queue.",
        "run-now": "Start a task at once, before everything waiting.",
    },
    "Look": {
        "queue": "What waits, in the order of dispatch, and why.",
        "forecast": "When it will start, and how sure that is.",
        "top": "All of it live: what runs, what waits and why.",
        "status": "Every background process and what it runs.",
        "what-if": "What would be, if something were changed.",
        "capacity": "How many backgrounders a node needs, by hour.",
        "paused": "What is paused, by whom, why, until when.",
        "jobs": "What has ended, newest first.",
        "notices": "What people were told, newest first.",
        "show": "Everything about one job, wherever it is.",
        "why-late": "Why a job waited, by reason and by job in its way.",
        "waits": "What all jobs waited for, by schedule, site or reason.",
        "logs": "What a job has logged, also while it runs.",
        "changes": "Who did what: verbs and edits of people.",
        "web": "The console: pages to look at all of it, and to steer.",
        "doctor": "What hurts, and what to do about it.",
    },
    "Steer": {
        "cancel": "Cancel jobs, waiting or running.",
        "retry": "Run jobs that have ended again.",
        "set-priority": "Give waiting jobs another priority.",
        "pause": "Let jobs wait: all, or of a site, type or schedule.",
        "resume": "End a pause.",
    },
    "Besides": {
        "dsn": "Say which database would be used, and why.",
        "bench": "Measure what pgdispatch does on your server.",
        "completion": "Let a shell complete commands, options and names.",
    },
}
EPILOG = """\b
Get going:
  pgdispatch up                  a private server, a node and the console
  pgdispatch enqueue system      a job, from another terminal
  pgdispatch queue               what waits, in which order, and why
"""
INTERRUPTED, UNREAD = 130, 141  # as a shell calls the ends by SIGINT and SIGPIPE


def print_version(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    """Print the version and leave."""
    if wanted and not context.resilient_parsing:
        from pgdispatch.version import VERSION  # noqa: PLC0415  # not for every command

        click.echo(f"pgdispatch {VERSION}")
        context.exit()


@click.group(
    cls=SectionedFolder,
    package="pgdispatch_cli.commands",
    sections=SECTIONS,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    options_metavar="[--dsn DSN]",
)
@database_option
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=print_version,
    help="Print the version.",
)
def cli() -> None:
    """Background jobs in an exact and explainable order, with PostgreSQL as the whole server."""


def main() -> int:
    """Run the command line; return the exit status.

    0 done, 1 refused, 2 usage, 3 no database, 4 the schema does not fit, 5 a file differs and was
    not applied, 130 interrupted, 141 nobody reads the output any more.
    """
    prepare()
    try:
        check_text(sys.argv[1:])
        conceal()
        status = int(cli.main(prog_name="pgdispatch", standalone_mode=False) or 0)
        sys.stdout.flush()
        return status
    except OutputError as error:
        return refuse_output(error)
    except (KeyboardInterrupt, click.Abort):
        drop_rest()
        return INTERRUPTED
    except click.ClickException as error:
        return refuse_usage(error)
    except ImportError:  # see `start`
        raise
    except Exception as error:
        status = import_module("pgdispatch_cli.failure").report(error)
        if status is None:
            raise
        return int(status)


def check_text(arguments: list[str]) -> None:
    """Refuse arguments that are no text, which no database could take."""
    for argument in arguments:
        try:
            argument.encode()
        except UnicodeEncodeError:
            raise click.UsageError(f"the argument {argument!a} is not valid text") from None


def refuse_output(error: OutputError) -> int:
    """Say why the output cannot be written, unless its reader has had enough; return the status."""
    if error.number == errno.EPIPE:
        return UNREAD
    write_error(f"cannot write the output: {error}")
    return 1


def refuse_usage(error: click.ClickException) -> int:
    """Write a usage error in our form and return its exit status."""
    message = error.format_message().strip().removesuffix(".")
    where = "pgdispatch"
    if isinstance(error, click.UsageError) and error.ctx is not None:
        where = error.ctx.command_path
    write_error(message[:1].lower() + message[1:], hint=f"see: {where} --help")
    return 2
