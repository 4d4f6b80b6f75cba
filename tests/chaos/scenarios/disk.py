"""The file system of the database is full for a while. Needs root, and leave to mount."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from chaos.scenario import Scenario
from chaos.testbed import Stage, pause
from pgdispatch.embedded import EmbeddedServerError
from support.nodes.processes import is_alive
from support.sessions.producing import producing

SIZE = "160m"
CHUNK = 1 << 20
FILLER = "filler"


@contextmanager
def small_place() -> Iterator[Path]:
    """Mount a small file system in memory and give a folder in it."""
    with tempfile.TemporaryDirectory(prefix="pgdispatch-chaos-disk-") as made:
        Path(made).chmod(0o755)
        run("mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", made)
        try:
            yield Path(made) / "data"
        finally:
            run("umount", "--lazy", made)


def run(*command: str) -> None:
    """Run a program of the system's."""
    subprocess.run(command, check=True, capture_output=True, text=True)


def may_mount() -> bool:
    """Tell whether this account may mount a file system."""
    try:
        with small_place():
            return True
    except (OSError, subprocess.CalledProcessError):
        return False


def act(stage: Stage) -> str:
    """Fill it to the last block under load, and make room again. The server may fall and return."""
    times = stage.size(1, 6)
    for name in ("a", "b"):
        stage.start(name)
    stage.cluster.up("a:3")
    stage.cluster.up("b:3")
    producer, falls = stage.producer(longest=0.1), 0
    with producing(producer, stage.size(150, 3000), pace=stage.size(40, 60)):
        for number in range(times):
            pause(stage.random, 0.5)
            filler = _folder(stage) / FILLER
            _fill(filler, until=time.monotonic() + stage.random.uniform(2, stage.size(3, 10)))
            filler.unlink()
            if _has_fallen(stage):
                falls += 1
                stage.server.restart()
            stage.say(f"full {number + 1} times, {len(producer.failures)} commits failed")
            with suppress(OSError):
                stage.cluster.connect()
    if not producer.failures:
        stage.miss("a full disk kept nobody from a commit")
    stage.drain(stage.size(60, 300))
    return f"{times} times a full disk, {len(producer.failures)} commits failed, {falls} falls"


def _folder(stage: Stage) -> Path:
    folder = stage.server.data_folder
    if folder is None:
        raise EmbeddedServerError("the server has no folder of its own")
    return folder.parent


def _fill(path: Path, *, until: float) -> None:
    """Take all the room there is, and whatever becomes free, until then."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    try:
        size = CHUNK
        while time.monotonic() < until:
            try:
                os.write(descriptor, bytes(size))
            except OSError:
                size = max(size // 2, 4096)
                time.sleep(0.01)
    finally:
        os.close(descriptor)


def _has_fallen(stage: Stage) -> bool:
    return stage.server.pid is None or not is_alive(stage.server.pid)


SCENARIO = Scenario(
    name="disk",
    promise="there is no room to write to; results are delivered once there is",
    act=act,
    was_only_away=True,
    settings={"max_wal_size": "32MB", "min_wal_size": "32MB", "checkpoint_timeout": "30s"},
    place=small_place,
    is_possible=may_mount,
)
