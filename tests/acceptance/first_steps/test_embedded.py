"""The embedded server starts from nothing, keeps its data, and never outlives its owner."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from pgdispatch.embedded import Binaries, EmbeddedServer
from support.nodes.processes import (
    groups_of,
    is_alive,
    open_files,
    shared_memory,
    system_v_segments,
    wait_until,
)
from support.servers.embedded import Connect
from support.servers.embedded_parent import FAST, embedded_parent, value


def make_table(server: EmbeddedServer) -> None:
    """Leave something to find at the next start."""
    with psycopg.connect(server.dsn()) as connection:
        connection.execute("create table kept as select 42 as answer")


def test_psql_command_opens_the_running_server(binaries: Binaries) -> None:
    """A person can paste the command; the server is UTF-8, with checksums, and has no port."""
    with EmbeddedServer(binaries=binaries, settings=FAST) as server:
        command = [*shlex.split(server.psql_command()), "-Atc", "show server_version_num"]
        told = subprocess.run(command, capture_output=True, text=True, check=True)

        assert int(told.stdout) // 10000 == binaries.version
        assert value(server.dsn(), "show listen_addresses") == ""
        assert value(server.dsn(), "show server_encoding") == "UTF8"
        assert value(server.dsn(), "show data_checksums") == "on"
        assert value(server.dsn(), "select current_user") == "pgdispatch"


def test_temporary_server_leaves_no_folder_behind(binaries: Binaries) -> None:
    """Without a data folder, nothing is kept."""
    with EmbeddedServer(binaries=binaries, settings=FAST) as server:
        socket = Path(str(conninfo_to_dict(server.dsn())["host"]))
        assert socket.is_dir()

    assert not socket.parent.exists()


def test_data_and_socket_are_the_same_at_the_next_start(
    binaries: Binaries, data_folder: Path
) -> None:
    """With a data folder, a printed psql command stays good."""
    with EmbeddedServer(data_folder, binaries=binaries, settings=FAST) as server:
        first = server.dsn()
        make_table(server)
    with EmbeddedServer(data_folder, binaries=binaries, settings=FAST) as server:
        assert value(server.dsn(), "select answer from kept") == 42
        assert server.dsn() == first


def test_data_survives_a_crash_and_a_restart(binaries: Binaries) -> None:
    """A crash loses nothing committed, with PostgreSQL's own durability."""
    with EmbeddedServer(binaries=binaries) as server:
        make_table(server)
        server.crash()
        with pytest.raises(psycopg.OperationalError):
            value(server.dsn(), "select 1")

        server.restart()

        assert "not properly shut down" in server.log_tail(100)
        assert value(server.dsn(), "select answer from kept") == 42
        server.create_database("copy", template="postgres")
        assert value(server.dsn("copy"), "select answer from kept") == 42


def test_killed_parent_leaves_nothing(binaries: Binaries) -> None:
    """After kill -9 there is no process, socket, folder or shared memory."""
    with embedded_parent(binaries) as parent:
        family = parent.family()

        parent.kill()

        assert not [pid for pid in family if is_alive(pid)]
        assert system_v_segments(parent.server) == 0
        assert not parent.socket.parent.exists()


def test_killed_parent_leaves_its_data_ready_for_the_next(
    binaries: Binaries, data_folder: Path
) -> None:
    """After kill -9 the server has shut down in good order."""
    with embedded_parent(binaries, data_folder) as parent:
        with psycopg.connect(parent.dsn) as connection:
            connection.execute("create table kept as select 42 as answer")
        parent.kill()

        assert list(parent.socket.iterdir()) == []
    with EmbeddedServer(data_folder, binaries=binaries, settings=FAST) as server:
        assert value(server.dsn(), "select answer from kept") == 42
        assert "not properly shut down" not in server.log_tail(100)


def test_killed_guard_takes_the_server_with_it(binaries: Binaries, data_folder: Path) -> None:
    """Not even the guard's own death leaves a server behind."""
    with embedded_parent(binaries, data_folder) as parent:
        family = parent.family()

        os.kill(parent.guard, signal.SIGKILL)

        wait_until(lambda: not any(is_alive(pid) for pid in family))
        assert list(parent.socket.iterdir()) == []


def test_killed_server_leaves_nothing_either(
    binaries: Binaries, data_folder: Path, connect: Connect
) -> None:
    """The guard clears up what a killed server cannot: busy sessions and shared memory."""
    with embedded_parent(binaries, data_folder) as parent:
        busy = connect(parent.dsn)
        busy.pgconn.send_query(b"do $$ begin loop end loop; end $$")
        looping = (
            f"select state = 'active' from pg_stat_activity where pid = {busy.info.backend_pid}"
        )
        wait_until(lambda: value(parent.dsn, looping) is True)
        family = parent.family()
        assert busy.info.backend_pid in family
        assert system_v_segments(parent.server) == 1
        assert not [pid for pid in family if shared_memory(pid)]
        os.kill(parent.server, signal.SIGKILL)

        parent.process.communicate()

        assert not [pid for pid in family if is_alive(pid)]
        assert system_v_segments(parent.server) == 0


def test_interrupt_in_the_terminal_does_not_reach_the_server(binaries: Binaries) -> None:
    """Ctrl-C is for the parent to act on."""
    with embedded_parent(binaries) as parent:
        os.killpg(parent.process.pid, signal.SIGINT)

        assert value(parent.dsn, "select pg_postmaster_start_time() is not null") is True
        groups = groups_of(parent.family())
        assert parent.process.pid not in groups


def test_server_keeps_none_of_the_pipes_of_its_parent(binaries: Binaries) -> None:
    """Whoever reads the parent's output sees its end when the parent ends."""
    with embedded_parent(binaries) as parent:
        ours = {os.readlink(f"/proc/{parent.process.pid}/fd/{number}") for number in (1, 2)}

        assert not [pid for pid in parent.family() if open_files(pid) & ours]
