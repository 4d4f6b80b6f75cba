"""A trace goes from the insert through the queue to the handler, and the node tells its part.

On the newest server only, to save time.
"""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from support.nodes.cluster import APP, Cluster
from support.nodes.collector import Received, received
from support.nodes.node import Node, search_path
from support.nodes.processes import wait_until
from support.nodes.receiver import Receiver, receiving

pytestmark = pytest.mark.usefixtures("newest_only")

TRACE, PRODUCER = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
HEADER = f"00-{TRACE}-{PRODUCER}-01"
AT_ONCE = {"OTEL_BSP_SCHEDULE_DELAY": "50", "OTEL_EXPORTER_OTLP_TIMEOUT": "0.5"}
PROGRAM = """
[handler.tell]
program = ["sh", "-c", "echo $TRACEPARENT"]
"""


def start(cluster: Cluster, endpoint: str, **environment: str) -> Node:
    """Start a node that sends its spans to a collector; its jobs of type `tell` are a program."""
    (cluster.folder / "node.toml").write_text(PROGRAM)
    return cluster.start(
        processes=2,
        grace=1,
        app=APP,
        config=cluster.folder / "node.toml",
        types="system,alert,tell",
        environment={"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, **AT_ONCE, **environment},
    )


def spans_of(receiver: Receiver, job: int, count: int) -> dict[tuple[str, int], Received]:
    """Wait for all spans of a job; return them by what they are about."""

    def found() -> list[Received]:
        return [span for span in received(receiver) if span.job == job]

    wait_until(lambda: len(found()) >= count)
    spans = {span.about: span for span in found()}
    assert len(spans) == len(found()) == count
    return spans


@pytest.fixture(autouse=True)
def _program(cluster: Cluster) -> None:
    """Make the type of those jobs that are a program."""
    cluster.verbs.add("job_type", "name", name="tell")


@pytest.fixture
def collector() -> Iterator[Receiver]:
    """Give a collector that listens."""
    with receiving() as receiver:
        yield receiver


def test_a_job_is_a_wait_and_a_run_in_the_trace_of_its_producer(
    cluster: Cluster, collector: Receiver
) -> None:
    """A function, a coroutine and a program find the run as what they are below."""
    jobs = {
        kind: cluster.job("trace", type=kind, traceparent=HEADER, priority=7)
        for kind in ("system", "alert", "tell")
    }
    start(cluster, collector.url)
    ended = {kind: cluster.ended(job) for kind, job in jobs.items()}

    for kind, job in jobs.items():
        spans = spans_of(collector, job, 2)
        wait, run = spans["wait", 1], spans["run", 1]
        inside = f"00-{TRACE}-{run.id}-01"
        waited = ended[kind]["started_at"] - ended[kind]["created_at"]
        assert (run.trace, run.parent, run.link) == (TRACE, PRODUCER, PRODUCER)
        assert (wait.trace, wait.parent) == (TRACE, PRODUCER)
        assert (run.name, wait.name) == (f"run {kind}", f"wait {kind}")
        assert run.kind == "SPAN_KIND_CONSUMER"
        assert run.ended > run.started == wait.ended
        assert wait.ended - wait.started == pytest.approx(waited.total_seconds() * 1e9, abs=2000)
        assert run.status == wait.status == 0
        if kind == "tell":
            assert ended[kind]["log"] == inside
        else:
            said = ended[kind]["result"]
            assert said["traceparent"] == said["current"] == said["enqueued"] == inside
    assert run.resource["service.name"] == "pgdispatch"
    assert run.resource["service.instance.id"] == "n"
    assert run.facts == {
        "messaging.system": "pgdispatch",
        "messaging.operation.name": "run",
        "messaging.operation.type": "process",
        "messaging.destination.name": "tell",
        "messaging.message.id": str(jobs["tell"]),
        "messaging.client.id": ended["tell"]["backgrounder"],
        "pgdispatch.job": jobs["tell"],
        "pgdispatch.attempt": 1,
        "pgdispatch.type": "tell",
        "pgdispatch.site": "default",
        "pgdispatch.priority": 7,
        "pgdispatch.node": "n",
        "pgdispatch.backgrounder": ended["tell"]["backgrounder"],
        "pgdispatch.outcome": "succeeded",
    }


def test_each_attempt_is_a_run_and_a_retry_goes_on_with_the_trace(
    cluster: Cluster, collector: Receiver
) -> None:
    """Without a producer the run is the root, below which it waits; what is not sampled is not."""
    cluster.set(retry_base_seconds=1)
    job = cluster.job("fail", max_attempts=2, traceparent=HEADER, title="x")
    alone, killed = cluster.job("trace"), cluster.job("vanish", title="y")
    unsampled = cluster.job("trace", traceparent=f"00-{TRACE}-{PRODUCER}-00")
    node = start(cluster, collector.url, OTEL_SERVICE_NAME="shop")

    spans = spans_of(collector, job, 4)
    again = cluster.verbs.value("select pgdispatch.retry_job(%s)", job)
    retried = spans_of(collector, again, 4)["run", 2]
    root = spans_of(collector, alone, 2)
    died = spans_of(collector, killed, 2)["run", 1]
    inside = cluster.ended(unsampled)["result"]["traceparent"]
    node.send(signal.SIGTERM)

    for run in (spans["run", 1], spans["run", 2], retried):
        assert (run.trace, run.parent) == (TRACE, PRODUCER)
        assert (run.status, run.error) == (2, "ValueError: cannot work on x")
        assert (run.facts["error.type"], run.facts["pgdispatch.outcome"]) == ("error", "error")
    assert spans["wait", 2].started >= spans["run", 1].ended
    assert retried.facts["pgdispatch.retry_of"] == job
    assert (root["run", 1].parent, root["run", 1].link) == ("", None)
    assert root["wait", 1].parent == root["run", 1].id
    assert root["run", 1].trace == root["wait", 1].trace != TRACE
    assert root["run", 1].resource["service.name"] == "shop"
    assert died.facts["pgdispatch.outcome"] == "killed"
    assert inside.startswith(f"00-{TRACE}-")
    assert inside.endswith("-00")
    assert node.exit_status() == 0
    assert unsampled not in {span.job for span in received(collector)}


def test_the_last_spans_are_sent_before_the_node_ends(
    cluster: Cluster, collector: Receiver
) -> None:
    """Of a job that goes back to the queue as its node stops, too."""
    job = cluster.job("block", traceparent=HEADER)
    node = start(cluster, collector.url, OTEL_BSP_SCHEDULE_DELAY="3600000")
    cluster.running(job)

    node.send(signal.SIGTERM)

    assert node.exit_status() == 0
    assert spans_of(collector, job, 2)["run", 1].facts["pgdispatch.outcome"] == "given back"


def test_a_collector_that_refuses_is_told_of_once(cluster: Cluster, collector: Receiver) -> None:
    """And that it takes spans again; the jobs run on."""
    collector.answers += [400, 400]
    node = start(cluster, collector.url)
    for _ in range(2):
        before = len(collector.requests)
        cluster.ended(cluster.job("nothing"))
        wait_until(lambda before=before: len(collector.requests) > before)  # type: ignore[misc]
    taken = cluster.job("nothing")
    cluster.ended(taken)

    wait_until(lambda: "spans are taken again" in node.log)

    lines = [line for line in node.log.splitlines() if "spans" in line]
    assert len(lines) == 2
    assert "n: spans are lost: " in lines[0]
    assert "400" in lines[0]
    assert taken in {span.job for span in received(collector)}


@contextmanager
def silent() -> Iterator[str]:
    """Give the address of a collector that takes connections, and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_a_collector_that_does_not_answer_holds_nothing_up(cluster: Cluster) -> None:
    """Neither jobs nor the end of the node."""
    with silent() as address:
        node = start(cluster, address, OTEL_EXPORTER_OTLP_TIMEOUT="3600")
        jobs = [cluster.job("nothing") for _ in range(20)]
        for job in jobs:
            cluster.ended(job)
        node.send(signal.SIGTERM)

        assert node.exit_status() == 0


def test_without_the_extra_a_job_has_the_trace_that_it_was_inserted_with(
    cluster: Cluster, tmp_path: Path, collector: Receiver
) -> None:
    """The node says once what is missing, and does all else."""
    blocked = tmp_path / "blocked" / "opentelemetry"
    blocked.mkdir(parents=True)
    blocked.joinpath("__init__.py").write_text(
        "raise ModuleNotFoundError(\"No module named 'opentelemetry'\", name='opentelemetry')\n"
    )
    jobs = [cluster.job("trace", traceparent=HEADER), cluster.job("trace", type="alert")]
    program = cluster.job("trace", type="tell", traceparent=HEADER)
    node = start(cluster, collector.url, PYTHONPATH=search_path(blocked.parent))

    given, none = (cluster.ended(job)["result"] for job in jobs)

    assert (given["traceparent"], given["current"], given["enqueued"]) == (HEADER, None, None)
    assert none["traceparent"] is None
    assert cluster.ended(program)["log"] == HEADER
    assert node.log.count("makes no spans: pip install 'pgdispatch[otel]'") == 1
    assert collector.requests == []
