"""SQLAlchemy 2.0 will do, too: for producers, and for the command, which also uses the tables.

The tests elsewhere have the version that is locked, a newer one. On the newest server only.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from support.checkout import ROOT
from support.registries import from_registry
from support.servers.embedded import Connect

INSERT = """
import sys
import sqlalchemy
from support.sessions.producers import INSERTS
for kind, insert in INSERTS.items():
    if kind.startswith("sqlalchemy"):
        insert(sys.argv[1], (), {"type": "system", "title": f"{sqlalchemy.__version__[:4]} {kind}"})
"""
COMMANDS = (
    ("enqueue", "system", "--title", "2.0. command", "--args", '{"a": 1}'),
    ("site", "timeout", "default", "flow", "1h"),
    ("task", "add", "Tidy", "system"),
    ("run-now", "1"),
    ("queue",),
    ("show", "1"),
    ("cancel", "1"),
    ("jobs", "--json"),
)


def run(*command: str) -> str:
    """Run Python with SQLAlchemy 2.0."""
    uv = os.environ.get("UV")
    if uv is None:
        pytest.skip("SQLAlchemy 2.0 is installed by uv, which does not run these tests")
    name = f"sqlalchemy-2.0-python-3.{sys.version_info.minor}"
    install = [uv, "pip", "install", "--target", "FOLDER", "--no-deps"]
    folder = from_registry(name, [*install, "--python", sys.executable, "sqlalchemy>=2.0,<2.1"])
    ran = subprocess.run(
        [sys.executable, *command],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), str(ROOT / "tests")])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@pytest.mark.usefixtures("newest_only")
def test_sqlalchemy_2_0_will_do(database: str, connect: Connect) -> None:
    """Over each kind of its connections, and for a command of each sort."""
    run("-c", INSERT, database)
    for command in COMMANDS:
        run("-m", "pgdispatch_cli", "--dsn", database, *command)

    query = (
        "select title from pgdispatch.background_task union all select title from pgdispatch.job"
    )
    titles = {title for (title,) in connect(database).execute(query)}
    kinds = ("sqlalchemy-psycopg", "sqlalchemy-psycopg-async", "sqlalchemy-asyncpg", "command")
    assert titles == {*(f"2.0. {kind}" for kind in kinds), "Tidy"}
