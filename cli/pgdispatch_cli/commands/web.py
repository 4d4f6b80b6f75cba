"""The console: pages for people who look and steer."""

from __future__ import annotations

import re

import click

from pgdispatch.host import log_lines
from pgdispatch_cli.commands.worker import ends_in_form, log_options
from pgdispatch_cli.connecting import target
from pgdispatch_cli.options import database_option, example


def address_and_target(text: str) -> tuple[str, str]:
    """Take an address of a webhook apart from the target that it stands for."""
    address, sign, target = text.rpartition("=")
    if not (sign and target and re.fullmatch(r"https?://\S+", address)):
        raise click.BadParameter(f"{text!r} is not URL=TARGET, such as https://hooks.example/a=ops")
    return address, target


@click.command(
    epilog=example(
        "pgdispatch web",
        "pgdispatch web --listen 0.0.0.0:8060 --host jobs.example.com --trust-from 10.0.0.5",
    )
)
@click.option(
    "--listen",
    default="127.0.0.1:8060",
    show_default=True,
    metavar="HOST:PORT",
    help="Where the console is; port 0: any that is free.",
)
@click.option("--read-only", is_flag=True, help="Only look, whatever one's rights are.")
@click.option(
    "--auth",
    type=click.Choice(("login", "proxy", "none")),
    default="login",
    show_default=True,
    help="Who may in: by a database user's password; whom a proxy names; whoever has the address"
    " that is printed.",
)
@click.option(
    "--host",
    "hosts",
    multiple=True,
    metavar="NAME",
    help="A name under which people reach it; may be repeated (default: that of --listen).",
)
@click.option(
    "--base-path", default="", metavar="/PATH", help="What all its paths begin with, at a proxy."
)
@click.option(
    "--trust-from",
    multiple=True,
    metavar="ADDRESS",
    help="A proxy whose X-Forwarded-… headers count, or its network (10.0.0.0/8); may be repeated.",
)
@click.option("--user-header", metavar="NAME", help="Which header of the proxy names the user.")
@click.option(
    "--max-people",
    type=click.IntRange(min=1, max=10_000),
    default=50,
    show_default=True,
    metavar="N",
    help="How many may have signed in; each has one connection.",
)
@click.option("--insecure", is_flag=True, help="Serve plain http to other machines, too.")
@click.option("--tableau-api", is_flag=True, help="Answer Tableau's clients as well, below /api/.")
@click.option(
    "--webhook-target",
    "webhook_targets",
    multiple=True,
    type=address_and_target,
    metavar="URL=TARGET",
    help="An address for which they may make webhooks, and the target of notices that it stands"
    " for; may be repeated.",
)
@log_options
@database_option
@ends_in_form
def command(  # one parameter for each option
    *,
    listen: str,
    read_only: bool,
    auth: str,
    hosts: tuple[str, ...],
    base_path: str,
    trust_from: tuple[str, ...],
    user_header: str | None,
    max_people: int,
    insecure: bool,
    tableau_api: bool,
    webhook_targets: tuple[tuple[str, str], ...],
    log_level: str | None,
    log_format: str | None,
) -> int:
    """Serve the console: pages for people who look at the service and steer it.

    People sign in as users of the database, whose rights decide what they see and may do. Needs
    the extra web. SIGTERM or Ctrl-C ends it.
    """
    log_lines.set_up(level=log_level, form=log_format)
    from pgdispatch.web.console import serve  # noqa: PLC0415  # as in worker
    from pgdispatch.web.console.options import ConsoleOptions  # noqa: PLC0415

    return serve(
        ConsoleOptions(
            dsn=target().dsn,
            listen=listen,
            access=auth,
            is_read_only=read_only,
            hosts=hosts,
            base_path=base_path.rstrip("/"),
            trust_from=trust_from,
            user_header=user_header,
            max_people=max_people,
            is_insecure=insecure,
            is_tableau_api=tableau_api,
            webhook_targets=webhook_targets,
        )
    )
