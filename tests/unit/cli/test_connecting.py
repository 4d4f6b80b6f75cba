"""Which database a command takes."""

from __future__ import annotations

import os
from pathlib import Path

import click
import pytest

from pgdispatch import up
from pgdispatch_cli.connecting import UP_DATABASE, Target, embedded_target, find_target
from pgdispatch_cli.times import local_zone


@pytest.mark.parametrize(
    ("given", "environment", "dsn", "source"),
    [
        ("host=a", {"PGDISPATCH_DSN": "host=b", "PGHOST": "c"}, "host=a", "--dsn"),
        (None, {"PGDISPATCH_DSN": "host=b", "PGHOST": "c"}, "host=b", "PGDISPATCH_DSN"),
        (None, {"PGHOST": "c", "PGDATABASE": "d"}, "host=c dbname=d", "PGHOST, PGDATABASE"),
        (None, {"PGSERVICE": "etl"}, "service=etl", "PGSERVICE"),
        (None, {"PGSERVICE": "etl", "PGHOST": "c"}, "service=etl", "PGSERVICE, PGHOST"),
    ],
)
def test_first_source_that_is_there_counts(
    given: str | None, environment: dict[str, str], dsn: str, source: str
) -> None:
    """--dsn, PGDISPATCH_DSN, libpq's variables."""
    assert find_target(given, environment) == Target(dsn, source)


def test_no_source_is_no_target() -> None:
    """Empty variables, and a password alone, are no source."""
    assert find_target(None, {"PGHOST": "", "PGPASSWORD": "secret"}) is None


@pytest.mark.parametrize(
    "dsn",
    ["postgresql://anna:secret@db.example/etl", "host=db.example user=anna password='secret'"],
)
def test_password_is_not_shown(dsn: str) -> None:
    """Whatever form it was given in."""
    shown = Target(dsn, "--dsn").shown()

    assert "secret" not in shown
    assert "password=***" in shown
    assert "host=db.example" in shown


def test_unreadable_dsn_is_refused_without_repeating_it() -> None:
    """It may be a password that slipped into the wrong place."""
    with pytest.raises(click.UsageError, match="PGDISPATCH_DSN is not") as refused:
        find_target(None, {"PGDISPATCH_DSN": "secret"})

    assert "secret" not in str(refused.value)


def test_server_of_up_is_found_by_its_own_pid_file(tmp_path: Path) -> None:
    """Its socket may lie elsewhere than its data."""
    write_pid_file(tmp_path, os.getpid())

    found = embedded_target(tmp_path)

    assert found is not None
    assert found.dsn == "host='/run/a b' port=5432 dbname=pgdispatch user=pgdispatch"
    assert up.DATABASE == UP_DATABASE


def test_server_of_up_that_has_crashed_is_not_taken(tmp_path: Path) -> None:
    """Its file is still there, its process is not."""
    write_pid_file(tmp_path, 2**22 + 1)

    assert embedded_target(tmp_path) is None
    assert embedded_target(tmp_path / "nothing") is None


def test_time_zone_is_the_one_of_tz_or_of_the_system(tmp_path: Path) -> None:
    """One that has no IANA name is left to the server."""
    zone = tmp_path / "zoneinfo" / "Asia" / "Kolkata"
    link = tmp_path / "localtime"
    link.symlink_to(zone)

    assert local_zone({"TZ": ":Europe/Berlin"}, link) == "Europe/Berlin"
    assert local_zone({}, link) == "Asia/Kolkata"
    assert local_zone({"TZ": "<+02>-02"}, link) is None


def write_pid_file(data_folder: Path, pid: int) -> None:
    """Write what PostgreSQL writes into its data folder while it runs."""
    (data_folder / "pgdata").mkdir()
    lines = [str(pid), "/data", "1700000000", "5432", "/run/a b", "", " 1 2", "ready   "]
    (data_folder / "pgdata" / "postmaster.pid").write_text("\n".join(lines) + "\n")
