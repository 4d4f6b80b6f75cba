"""A job from beginning to end, by the command of an environment, on a database of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from itertools import count
from pathlib import Path

from release.report import WrongError
from release.rooms import Room
from release.work import call
from support.nodes.processes import wait_until
from support.servers.embedded import made_database

APP = '''"""The handler of the job."""
from pgdispatch import Context, Handlers

handlers = Handlers()


@handlers.register("system")
def smoke(context: Context) -> dict[str, str]:
    """Say that it ran."""
    context.log("smoke")
    return {"title": context.job.title or ""}
'''
numbers = count(1)


def try_out(room: Room) -> None:
    """Install the schema, run a node and a job on it. Raises `WrongError` if anything fails."""
    work, folder = room.work, room.folder / "smoke"
    folder.mkdir()
    (folder / "smoke_jobs.py").write_text(APP)
    version = call([str(room.command), "--version"], cwd=folder).split()[-1]
    if version != work.source.version:
        raise WrongError(f"pgdispatch --version says {version}")
    with made_database(work.server, f"smoke_{next(numbers)}") as dsn:
        _command(room, dsn, "install")
        node = _start_node(room, dsn, folder)
        try:
            _command(room, dsn, "enqueue", "system", "--title", "smoke")
            wait_until(lambda: _has_ended(room, dsn), "the job's end", within=60)
        except TimeoutError as error:
            said = (folder / "node.log").read_text()
            raise WrongError(f"the job did not end; the node: {said[-800:]}") from error
        finally:
            node.send_signal(signal.SIGTERM)
            status = node.wait(60)
    if status != 0:
        raise WrongError(f"the node ended with status {status}")


def _has_ended(room: Room, dsn: str) -> bool:
    """Tell whether the job has ended; as anything but a success is wrong."""
    jobs = json.loads(_command(room, dsn, "jobs", "--json"))
    outcomes = [job["outcome"] for job in jobs]
    if outcomes not in ([], ["succeeded"]):
        raise WrongError(f"the job ended as {outcomes}: {jobs}")
    return bool(outcomes)


def _command(room: Room, dsn: str, *arguments: str) -> str:
    told = {"PGDISPATCH_DSN": dsn}
    return call([str(room.command), *arguments], cwd=room.folder / "smoke", more=told)


def _start_node(room: Room, dsn: str, folder: Path) -> subprocess.Popen[bytes]:
    command = ["worker", "--node", "smoke", "--backgrounders", "1", "--listen", "127.0.0.1:0"]
    with (folder / "node.log").open("wb") as log:
        return subprocess.Popen(
            [str(room.command), *command, "--app", "smoke_jobs"],
            cwd=folder,
            env={"PATH": os.environ.get("PATH", ""), "PGDISPATCH_DSN": dsn},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
