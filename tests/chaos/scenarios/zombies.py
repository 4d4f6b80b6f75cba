"""Jobs in the hands of a node that is about to be taken for dead, and what becomes of them."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

from chaos.testbed import Stage
from support.invariants.evidence import read
from support.nodes.node import Node
from support.nodes.processes import wait_until

BATCH = 4
TAKEN = "select count(*) from public.trail where what = 'back' and attempt = 1 and job = %s"
AT_WORK = """
select id from pgdispatch.job where id = any (%s) and state = 'running' and node = %s
"""


def job_on(stage: Stage, node: Node, go: Path, *, is_deaf: bool = False) -> int:
    """Return a job that is at work on that node, and lasts until there is a file `go`.

    Some are inserted at once, so that each node gets one; those that are too many end at once.
    """
    while True:
        own = {stage.random.getrandbits(60): 0 for _ in range(BATCH)}
        for token in own:
            args = {"until": str(go), "or": f"{go}-{token}", "deaf": is_deaf}
            own[token] = stage.job(priority=1, max_attempts=3, args=json.dumps(args))
        found: list[int] = []
        with suppress(TimeoutError):
            jobs = list(own.values())
            wait_until(lambda jobs=jobs: bool(_at_work(stage, node, jobs)), within=5)  # type: ignore[misc]  # a bool
            found = _at_work(stage, node, jobs)
        for token, job in own.items():
            if job not in found[:1]:
                Path(f"{go}-{token}").touch()
        if found:
            return found[0]


def wait_until_lost(stage: Stage, *jobs: int) -> None:
    """Wait until the first attempts at these jobs have been taken back."""
    for job in jobs:
        wait_until(lambda job=job: bool(stage.cluster.verbs.value(TAKEN, job)))  # type: ignore[misc]  # a bool


def wait_until_refused(node: Node, job: int) -> None:
    """Wait until a node was told that its attempt at a job counts no more."""
    told = (f"result dropped: job {job} is not running as attempt 1", f"job {job} was taken away")
    wait_until(lambda: any(text in node.log for text in told), within=40)


def has_done(stage: Stage, what: str, job: int) -> bool:
    """Tell whether the handler of the first attempt at a job has begun, or come to its end."""
    events = read(stage.evidence)
    return any((one.what, one.job, one.attempt) == (what, job, 1) for one in events)


def _at_work(stage: Stage, node: Node, jobs: list[int]) -> list[int]:
    running = stage.cluster.verbs.values(AT_WORK, jobs, node.name)
    return [job for job in running if has_done(stage, "start", job)]
