"""Fixtures of the console: a server that asks for passwords, two sites on it, and a console."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from pgdispatch.embedded import Binaries, EmbeddedServer
from support.rights.two_sites import Possessions, furnish_both
from support.servers.embedded import install_schema, open_server
from support.sessions.verbs import Verbs
from support.web.console import Console, ask_for_passwords, give_roles, open_console

TESTPATHS = pytest.Config.ArgsSource.TESTPATHS

# What a run of all tests leaves out, unless it is asked for: `--console`. A path names it, too.
LONG = (
    *("web/test_access.py", "web/test_empty.py", "web/test_inert.py", "web/test_look.py"),
    *("web/test_size.py", "web/test_truth.py", "web/test_verbs.py", "bad_input/test_console.py"),
    *("top/test_screen.py", "top/test_terminal.py", "top/test_verbs.py", "top/test_outage.py"),
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let all tests of the console be asked for."""
    parser.addoption("--console", action="store_true", help="with all tests of web and top")


def pytest_configure(config: pytest.Config) -> None:
    """Take paths for what is asked for; workers are told by the option."""
    if not hasattr(config, "workerinput") and config.args_source is not TESTPATHS:
        config.option.console = True


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out what takes long."""
    is_long = collection_path.as_posix().endswith(LONG)
    return True if is_long and not config.getoption("--console") else None


@pytest.fixture(scope="session")
def asking_server(binaries: Binaries) -> Iterator[EmbeddedServer]:
    """Give a server on which the people are, each with a password."""
    with open_server(binaries) as server:
        ask_for_passwords(server)
        yield server


@pytest.fixture(scope="session")
def two_sites(asking_server: EmbeddedServer) -> Iterator[tuple[str, Possessions, Possessions]]:
    """Give a database with two sites: its DSN, and what they have."""
    asking_server.create_database("two_sites")
    dsn = asking_server.dsn("two_sites")
    install_schema(dsn)
    with psycopg.connect(dsn, autocommit=True) as connection:
        acme, globex = furnish_both(Verbs(connection))
    give_roles(dsn)
    return dsn, acme, globex


@pytest.fixture(scope="session")
def console(
    two_sites: tuple[str, Possessions, Possessions], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Console]:
    """Give a console on both sites: leave them as they are."""
    folder: Path = tmp_path_factory.mktemp("console")
    with open_console(two_sites[0], folder) as opened:
        yield opened
