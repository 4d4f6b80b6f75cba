"""A console as an operator starts it: the real command, real HTTP, people with real passwords."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from pgdispatch.embedded import EmbeddedServer
from pgdispatch.embedded.order import SUPERUSER
from support.cli.command import COMMAND, command_environment
from support.nodes.processes import wait_until

ADDRESS = re.compile(r"the console is at (http://\S+)")
TOKEN = re.compile(r'name="_token" value="([^"]+)"')
PEOPLE: Mapping[str, tuple[str, list[str] | None] | None] = {
    "all_viewer": ("viewer", None),
    "all_operator": ("operator", None),
    "all_producer": ("producer", None),
    "acme_viewer": ("viewer", ["acme"]),
    "acme_operator": ("operator", ["acme"]),
    "acme_producer": ("producer", ["acme"]),
    "stranger": None,
}
HBA = f"local all {SUPERUSER} trust\nlocal all all scram-sha-256\n"


def password_of(person: str) -> str:
    """Return somebody's password."""
    return f"{person}'s passw?rd & more"


def ask_for_passwords(server: EmbeddedServer) -> None:
    """Let a server ask everybody but its superuser for a password."""
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        (path,) = connection.execute("show hba_file").fetchone() or ("",)
        Path(path).write_text(HBA)
        connection.execute("select pg_reload_conf()")
        for person in PEOPLE:
            connection.execute(
                sql.SQL("create role {} login password {}").format(
                    sql.Identifier(person), sql.Literal(password_of(person))
                )
            )


def give_roles(dsn: str) -> None:
    """Give the people their roles, and the confined ones their sites, which are there."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        for person, role in PEOPLE.items():
            if role is not None:
                connection.execute("select pgdispatch.grant_role(%s, %s, %s)", [person, *role])


@dataclass(frozen=True)
class Console:
    """A console that was started. `entrance`: the address that it printed."""

    process: subprocess.Popen[bytes]
    log_file: Path
    entrance: str

    @property
    def log(self) -> str:
        """What it has written so far."""
        return self.log_file.read_text(errors="replace")

    @property
    def address(self) -> str:
        """Where it is, without a path."""
        return str(httpx.URL(self.entrance).copy_with(path="/")).rstrip("/")

    def browser(self, **headers: str) -> httpx.Client:
        """Return a client with cookies of its own, which follows no redirect."""
        return httpx.Client(base_url=self.address, headers=headers, timeout=20)

    @contextmanager
    def signed_in(self, person: str) -> Iterator[httpx.Client]:
        """Give the client of somebody who has signed in, and who signs out again."""
        with self.browser(Origin=self.address) as browser:
            answer = browser.post("/enter", data={"user": person, "password": password_of(person)})
            if answer.status_code != 303:
                raise PermissionError(answer.text)
            yield browser
            found = TOKEN.search(browser.get("/").text)
            if found is not None:
                browser.post("/leave", data={"_token": found[1]})


def token_in(page: str) -> str:
    """Return the token of the forms of a page."""
    found = TOKEN.search(page)
    if found is None:
        raise LookupError("the page has no form")
    return found[1]


@contextmanager
def open_console(dsn: str, folder: Path, *options: str, **environment: str) -> Iterator[Console]:
    """Start a console on any free port; end it at the end of the block."""
    log_file = folder / "console.log"
    kept = {name: os.environ[name] for name in ("PYTHONPATH",) if name in os.environ}
    with log_file.open("wb") as log:
        process = subprocess.Popen(
            [str(COMMAND), "web", "--listen", "127.0.0.1:0", *options],
            env=command_environment(make_conninfo(dsn), **kept, **environment),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        wait_until(
            lambda: process.poll() is not None or bool(ADDRESS.search(log_file.read_text())),
            within=60,
        )
        found = ADDRESS.search(log_file.read_text())
        if found is None:
            raise ChildProcessError(log_file.read_text())
        yield Console(process, log_file, found[1])
    finally:
        process.terminate()
        process.wait(60)
