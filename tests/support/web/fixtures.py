"""Fixtures of the console: a server that asks for passwords, two sites on it, and a console."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from pgdispatch.embedded import Binaries, EmbeddedServer
from support.rights.two_sites import Possessions, furnish_both
from support.servers.embedded import install_schema, made_database, open_server
from support.sessions.verbs import Verbs
from support.web.console import Console, ask_for_passwords, give_roles, open_console

TESTPATHS = pytest.Config.ArgsSource.TESTPATHS

LONG = "long: left out of a run of all tests, unless --console or a path asks for it"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let all tests of the console be asked for."""
    parser.addoption("--console", action="store_true", help="with the long tests of web and top")


def pytest_configure(config: pytest.Config) -> None:
    """Take paths for what is asked for."""
    config.addinivalue_line("markers", LONG)
    if config.args_source is not TESTPATHS:
        config.option.console = True


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what takes long."""
    if config.getoption("--console"):
        return
    config.hook.pytest_deselected(items=[item for item in items if is_long(item)])
    items[:] = [item for item in items if not is_long(item)]


def is_long(item: pytest.Item) -> bool:
    """Tell whether a test takes long."""
    return item.get_closest_marker("long") is not None


@pytest.fixture(scope="session")
def asking_server(binaries: Binaries) -> Iterator[EmbeddedServer]:
    """Give a server on which the people are, each with a password."""
    with open_server(binaries) as server:
        ask_for_passwords(server)
        yield server


@pytest.fixture(scope="session")
def two_sites(asking_server: EmbeddedServer) -> Iterator[tuple[str, Possessions, Possessions]]:
    """Give a database with two sites: its DSN, and what they have."""
    with made_database(asking_server, "two_sites") as dsn:
        install_schema(dsn)
        with psycopg.connect(dsn, autocommit=True) as connection:
            acme, globex = furnish_both(Verbs(connection))
        give_roles(dsn)
        yield dsn, acme, globex


@pytest.fixture(scope="session")
def console(
    two_sites: tuple[str, Possessions, Possessions], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Console]:
    """Give a console on both sites: leave them as they are."""
    folder: Path = tmp_path_factory.mktemp("console")
    with open_console(two_sites[0], folder) as opened:
        yield opened
