"""A front for Tableau's clients as an operator starts it, with a node; and those clients."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import tableauserverclient as TSC  # noqa: N812  # as its own examples have it
from psycopg import sql
from psycopg.conninfo import make_conninfo

from support.cli.command import run_command
from support.nodes.cluster import Cluster
from support.web.console import Console, password_of

FRONT = "front"  # the console's own login
HOOK = "https://hooks.example.com/ops"
BECOMES = ("acme_operator", "acme_viewer", "all_operator")  # whom it may act for
TABCMD = Path(sys.executable).with_name("tabcmd")
OPTIONS = ("--tableau-api", "--webhook-target", f"{HOOK}=ops")


def make_front_login(dsn: str) -> str:
    """Make the console's own login, which may look tokens up and become some people.

    Return its connection string.
    """
    password = password_of(FRONT)
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(f"drop role if exists {FRONT}")
        connection.execute(
            sql.SQL("create role {} login noinherit password {}").format(
                sql.Identifier(FRONT), sql.Literal(password)
            )
        )
        for role in ("pgdispatch_token_reader", *BECOMES):
            connection.execute(f"grant {role} to {FRONT}".encode())
    return make_conninfo(dsn, user=FRONT, password=password)


@dataclass(frozen=True)
class Front:
    """A console that answers Tableau's clients, and a cluster whose node runs what they start."""

    console: Console
    cluster: Cluster
    folder: Path

    def client(self) -> TSC.Server:
        """Return a client that has not signed in, and speaks the newest version that is known."""
        return TSC.Server(self.console.address, use_server_version=True)

    @contextmanager
    def signed_in(self, person: str, site: str = "acme") -> Iterator[TSC.Server]:
        """Give a client of somebody who has signed in with a password."""
        server = self.client()
        with server.auth.sign_in(TSC.TableauAuth(person, password_of(person), site)):
            yield server

    def dsn_of(self, person: str) -> str:
        """Return the connection string of a person."""
        return make_conninfo(self.cluster.dsn, user=person, password=password_of(person))

    def token(self, person: str, name: str, *options: str) -> tuple[int, str]:
        """Return the number and the secret of a new token, as the command prints it."""
        made = run_command(self.dsn_of(person), "token", "add", name, *options, "--json")
        if made.status != 0:
            raise PermissionError(made.err)
        (row,) = made.rows()
        return row["token"], row["secret"]

    def tabcmd(
        self, *arguments: str, person: str = "acme_operator"
    ) -> subprocess.CompletedProcess[str]:
        """Run tabcmd until it ends, signed in with a password, as somebody would at a shell."""
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        return subprocess.run(
            [
                str(TABCMD), *arguments, "-s", self.console.address, "-t", "acme",
                "-u", person, "-p", password_of(person), "--no-prompt",
            ],
            env={**os.environ, "HOME": str(home)},
            cwd=home,  # where it writes a log
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )  # fmt: skip
