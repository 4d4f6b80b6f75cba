"""Whatever a handler does ends its job with the right outcome and a text that explains it.

All but the first run on the newest server only, to save time: what they show is the processes'
own doing.
"""

from __future__ import annotations

from typing import Any

import pytest

from support.nodes.cluster import Cluster
from support.nodes.processes import wait_until


def endings(cluster: Cluster, *acts: str, **columns: Any) -> dict[str, dict[str, Any]]:
    """Run a job for each act on one backgrounder and return how each ended."""
    jobs = {act: cluster.job(act, **columns) for act in acts}
    cluster.start(processes=1)
    return {act: cluster.ended(job) for act, job in jobs.items()}


def test_a_handler_gets_the_job_and_its_result_is_kept(cluster: Cluster) -> None:
    """Sync and async; the result is what it returned."""
    plain = cluster.job("show", title="Verkäufe, täglich", type="full_extract")
    later = cluster.job("show", title="Stock", type="alert")
    cluster.start(processes=1)

    assert cluster.ended(plain)["result"] == {
        "args": {"do": "show"},
        "site": "default",
        "title": "Verkäufe, täglich",
        "type": "full_extract",
    }
    assert cluster.ended(later)["result"]["title"] == "Stock"
    assert cluster.ended(later)["result"]["loop"] == "_UnixSelectorEventLoop"


@pytest.mark.usefixtures("newest_only")
def test_a_handler_that_raises_fails_its_job_with_the_text_and_keeps_its_process(
    cluster: Cluster,
) -> None:
    """The traceback is in the log; the next job runs in the same process."""
    cluster.start(processes=1)
    pid = cluster.up("n:1")

    failed = cluster.ended(cluster.job("fail", title="sales"))
    mumbled = cluster.ended(cluster.job("mumble"))
    cluster.ended(cluster.job("nothing"))

    assert (failed["outcome"], failed["failed_as"]) == ("failed", "error")
    assert failed["error"] == "ValueError: cannot work on sales"
    assert "node_app.py" in failed["log"]
    assert mumbled["error"] == "FileNotFoundError: caf?"
    assert mumbled["log"].startswith("cannot open caf?\n")
    assert cluster.pid("n:1") == pid


@pytest.mark.usefixtures("newest_only")
def test_a_handler_that_ends_its_process_fails_its_job_and_the_process_is_replaced(
    cluster: Cluster,
) -> None:
    """By sys.exit, os._exit or a fault; each time the next job runs in a new process."""
    found = endings(cluster, "leave", "vanish", "crash", "nothing")

    assert found["leave"]["failed_as"] == "error"
    assert found["leave"]["error"] == "the handler exited with status 3"
    assert found["vanish"]["failed_as"] == "killed"
    assert found["vanish"]["error"] == "backgrounder n:1 exited with status 7"
    assert found["crash"]["failed_as"] == "killed"
    assert found["crash"]["error"] == "backgrounder n:1 was killed by signal 11 (SIGSEGV)"
    assert found["nothing"]["outcome"] == "succeeded"


@pytest.mark.usefixtures("newest_only")
def test_a_handler_that_returns_rubbish_has_done_its_work_and_its_result_says_so(
    cluster: Cluster,
) -> None:
    """What JSON or PostgreSQL cannot hold is told in its place before it is sent."""
    rubbish = ("object", "number", "infinity", "nul", "surrogate")
    found = endings(cluster, *rubbish, "backslash")

    assert {found[act]["outcome"] for act in rubbish} == {"succeeded"}
    assert [found[act]["result"] for act in (*rubbish, "backslash")] == [
        {"made": {"not_stored": "of type object"}},
        {"value": 42},
        {"rows": "Infinity"},
        {"text": "ab"},
        {"text": "?"},
        {"text": r"\u0000"},
    ]
    assert "result.made is not stored" in found["object"]["log"]


@pytest.mark.usefixtures("newest_only")
def test_progress_is_seen_while_the_job_runs(cluster: Cluster) -> None:
    """With a word about what it is at; who has succeeded is through."""
    job = cluster.job("report")
    cluster.start(processes=1)

    wait_until(
        lambda: (
            cluster.verbs.rows("select progress, progress_note from pgdispatch.running")
            == [{"progress": 40.0, "progress_note": "half of it, nearly"}]
        )
    )
    cluster.release(job)
    ended = cluster.ended(job)

    assert ended["progress"] == 100.0
