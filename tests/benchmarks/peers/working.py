"""Let a peer's own workers run jobs, and see when each began."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from benchmarks.peers.peer import Peer
from benchmarks.rig.forms import Form
from benchmarks.rig.server import END_WITH_US, Stage
from pgdispatch.bench.rates import middle_rate
from support.nodes.processes import wait_until

DRAINING = 900.0  # seconds
VARIABLES = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "dbname": "PGDATABASE"}


@dataclass
class Workers:
    """Running workers of a peer, and the files that say when each job began once they ended."""

    peer: Peer
    log: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)

    def check(self) -> None:
        """Raise RuntimeError if one has ended, with the end of the log."""
        if any(process.poll() is not None for process in self.processes):
            tail = self.log.read_text(errors="replace").splitlines()[-3:]
            raise RuntimeError(f"a worker of {self.peer.name} ended: {' '.join(tail)}")

    def times(self) -> list[list[tuple[int, float]]]:
        """Return the number of each job and when it began, by process; for after their end."""
        return [json.loads(file.read_text()) for file in self.files]


def install_peer(stage: Stage, peer: Peer) -> None:
    """Make the template database of a peer."""
    stage.server.create_database(peer.template)
    command = [*peer.program, "install"]
    environment = _environment(peer, stage.server.dsn(peer.template), {})
    subprocess.run(command, env=environment, cwd=stage.folder, capture_output=True, check=True)


def drain_peer(stage: Stage, peer: Peer, form: Form) -> float:
    """Return how many jobs a second the workers of a peer run, in this round."""
    return stage.once(form.key(peer.name), lambda: _drain(stage, peer, form))


@contextmanager
def peer_workers(
    stage: Stage,
    peer: Peer,
    dsn: str,
    form: Form,
    *,
    starts: Path | None = None,
    sleep: float = 0.0,
) -> Iterator[Workers]:
    """Run workers of a peer until the end of the block.

    `starts`: a file for when each job began, while they run. `sleep`: seconds of each handler.
    """
    workers = Workers(peer, stage.folder / f"{peer.name}.log")
    workers.log.unlink(missing_ok=True)
    more = {"PEER_SLOTS": str(form.slots), **peer.ways.get(form.way, {})}
    if sleep:
        more["PEER_SLEEP"] = str(sleep)
    if starts is not None:
        more["PEER_STARTS"] = str(starts)
    try:
        for number in range(form.processes):
            file = stage.folder / f"{peer.name}-{number}.json"
            environment = _environment(peer, dsn, {**more, "PEER_TIMES": str(file)})
            with workers.log.open("ab") as log:
                workers.processes.append(
                    subprocess.Popen(
                        [*peer.program, "work"],
                        env=environment,
                        cwd=stage.folder,
                        stdout=log,
                        stderr=log,
                        preexec_fn=END_WITH_US,  # noqa: PLW1509  # there is one thread
                    )
                )
            workers.files.append(file)
        yield workers
    finally:
        for process in workers.processes:
            process.terminate()
        for process in workers.processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _drain(stage: Stage, peer: Peer, form: Form) -> float:
    jobs = stage.sizes.drain_jobs
    stage.say(f"{form.label(peer.name)}: {jobs:,} jobs")
    with stage.database(peer.template) as dsn:
        with stage.connect(dsn) as connection:
            connection.execute(peer.load.format(jobs=jobs).encode())
        stage.settle(dsn)
        with peer_workers(stage, peer, dsn, form) as workers:
            wait_until_idle(stage, workers, dsn)
    times = workers.times()
    since = max((min(began for _, began in of_one) for of_one in times if of_one), default=0.0)
    return middle_rate([began for of_one in times for _, began in of_one], since=since)


def wait_until_idle(stage: Stage, workers: Workers, dsn: str) -> None:
    """Return once nothing waits or runs in the queue of a peer."""
    with stage.connect(dsn) as connection:

        def is_idle() -> bool:
            workers.check()
            row = connection.execute(workers.peer.waiting.encode()).fetchone()
            return row is not None and not row[0]

        wait_until(is_idle, f"draining by {workers.peer.name}", within=DRAINING, every=0.25)


def _environment(peer: Peer, dsn: str, more: Mapping[str, str]) -> dict[str, str]:
    where = conninfo_to_dict(dsn)
    named = {VARIABLES[name]: str(where[name]) for name in VARIABLES}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return {**kept, **named, **peer.environment, **more}
