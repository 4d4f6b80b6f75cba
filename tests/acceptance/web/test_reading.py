"""How pages read: what takes too long, a database that is away, and one snapshot for many."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from pgdispatch.embedded import Binaries, EmbeddedServer
from pgdispatch.web.console.asked import Asked
from pgdispatch.web.console.login import login_of
from pgdispatch.web.console.reading import Reader
from pgdispatch.web.console.sessions import Session
from support.rights.two_sites import Possessions
from support.servers.embedded import install_schema
from support.sessions.verbs import Verbs
from support.web.console import (
    Console,
    ask_for_passwords,
    give_roles,
    open_console,
    password_of,
)
from support.web.walking import addresses, things_of

pytestmark = pytest.mark.usefixtures("newest_only")
Furnished = tuple[str, Possessions, Possessions]
SEEN = """
select
    current_setting('transaction_isolation') as isolation,
    current_setting('transaction_read_only') as read_only,
    current_setting('statement_timeout') as patience,
    current_setting('lock_timeout') as lock_patience,
    current_setting('idle_in_transaction_session_timeout') as idle_patience,
    current_setting('jit') as jit,
    current_setting('application_name') as name,
    current_setting('TimeZone') as zone,
    session_user as person
"""


def test_a_statement_that_takes_too_long_leaves_the_rest_of_the_page(
    two_sites: Furnished, console: Console
) -> None:
    """The panel says so; the page is there, with its SQL to run elsewhere."""
    with (
        console.signed_in("all_viewer") as browser,
        psycopg.connect(two_sites[0]) as rival,
    ):
        rival.execute("lock table pgdispatch.job_history in access exclusive mode")
        page = browser.get("/history")
        rival.rollback()
        after = browser.get("/history?x=anew")

    assert (page.status_code, after.status_code) == (200, 200)
    assert "longer than" in page.text
    assert "longer than" not in after.text


def test_what_took_too_long_to_find_is_not_said_to_be_missing(
    two_sites: Furnished, console: Console
) -> None:
    """On each page of one thing; and no page says of other things what it does not know."""
    things = things_of(two_sites[1])
    paths = [
        path for path in addresses(things, only_of_things=True) if not path.startswith("/job/")
    ]
    ended, waiting = two_sites[1].jobs["ended"], two_sites[1].jobs["waiting"]
    tables = "site, schedule, task, linked_task, node, job_type"
    with console.signed_in("all_viewer") as browser:
        found = locked(browser, two_sites[0], tables, [*paths, "/"])
        found |= locked(browser, two_sites[0], "job", [f"/job/{waiting}"])
        found |= locked(browser, two_sites[0], "job_history", [f"/job/{ended}"])

    (now,) = [found.pop("/")]
    assert {path: page.status_code for path, page in found.items()} == dict.fromkeys(found, 503)
    assert all("the database took too long to find" in page.text for page in found.values())
    assert "Not all of this was looked at" in now.text or "takes too long" in now.text


def locked(
    browser: httpx.Client, dsn: str, tables: str, paths: Sequence[str]
) -> dict[str, httpx.Response]:
    """Return pages as they are while nobody can read some tables."""
    names = ", ".join(f"pgdispatch.{name.strip()}" for name in tables.split(","))
    with psycopg.connect(dsn) as rival:
        rival.execute(f"lock table {names} in access exclusive mode".encode())
        found = {path: browser.get(path) for path in paths}
        rival.rollback()
    return found


@dataclass
class Counted:
    """A page that counts how often it is read, and says what its transaction is like."""

    PATH = "/counted"
    TITLE = None
    TEMPLATE = "counted.html"
    times: int = 0

    def read(
        self, connection: psycopg.Connection[dict[str, Any]], _: Asked, /
    ) -> dict[str, object]:
        """Return the settings of the transaction."""
        self.times += 1
        return dict(connection.execute(SEEN).fetchone() or {})


async def read_together(dsn: str, page: Counted, people: Sequence[str]) -> list[dict[str, object]]:
    """Read a page as several people at once; return what each gets."""
    reader, sessions = Reader(), []
    for person in people:
        login = login_of(dsn, person, password_of(person), is_read_only=False)
        sessions.append(Session(login, 0.0, 0.0))

    async def read(session: Session) -> dict[str, object]:
        asked = Asked({}, {}, await reader.rights(session), "Europe/Berlin")
        return (await reader.read(session, page, asked)).context

    try:
        return await asyncio.gather(*map(read, sessions))
    finally:
        for session in sessions:
            session.drop()


@pytest.mark.parametrize(
    ("people", "times"),
    [(["all_viewer"] * 6, 1), (["acme_viewer"] * 6, 6), (["all_viewer", "acme_viewer"] * 3, 4)],
)
def test_what_everybody_sees_is_read_once_a_second(
    two_sites: Furnished, people: list[str], times: int
) -> None:
    """By whoever asks first; for people of a site it is read anew, by themselves."""
    page = Counted()

    asyncio.run(read_together(two_sites[0], page, people))

    assert page.times == times


def test_a_page_reads_one_snapshot_within_limits(two_sites: Furnished) -> None:
    """Read only, as the person, in the person's zone."""
    (found,) = asyncio.run(read_together(two_sites[0], Counted(), ["acme_viewer"]))

    assert found == {
        "isolation": "repeatable read",
        "read_only": "on",
        "patience": "2s",
        "lock_patience": "500ms",
        "idle_patience": "5s",
        "jit": "off",
        "name": "pgdispatch web",
        "zone": "Europe/Berlin",
        "person": "acme_viewer",
    }


@pytest.mark.long
def test_a_database_that_is_away_is_told_of_and_found_again(
    binaries: Binaries, data_folder: Path, tmp_path: Path
) -> None:
    """Since when; and nobody has to sign in again."""
    with EmbeddedServer(data_folder, binaries=binaries, settings={"fsync": "off"}) as server:
        ask_for_passwords(server)
        server.create_database("away")
        dsn = server.dsn("away")
        install_schema(dsn)
        with psycopg.connect(dsn, autocommit=True) as connection:
            Verbs(connection).site("acme")
        give_roles(dsn)
        with open_console(dsn, tmp_path) as console, console.signed_in("acme_viewer") as browser:
            browser.get("/")
            server.stop()
            page, part = browser.get("/"), browser.get("/?part=1")
            server.start()
            back = browser.get("/")

    assert [page.status_code, part.status_code, back.status_code] == [503, 503, 200]
    assert "no answer since" in page.text
    since = datetime.fromisoformat(part.headers["x-no-answer-since"])
    assert f"{since:%H:%M:%S} UTC" in page.text


def test_the_console_ends_at_a_signal(two_sites: Furnished, tmp_path: Path) -> None:
    """With status 0, and with every connection."""
    with open_console(two_sites[0], tmp_path) as console:
        with console.signed_in("all_viewer") as browser:
            browser.get("/")
        console.process.send_signal(signal.SIGTERM)
        status = console.process.wait(20)

    assert status == 0
    assert "Traceback" not in console.log


def test_no_page_breaks(console: Console) -> None:
    """What the console has written so far has no traceback."""
    assert "Traceback" not in console.log
