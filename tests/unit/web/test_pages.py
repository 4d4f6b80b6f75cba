"""What the pages say about a node, and that they say it in time."""

from __future__ import annotations

import asyncio
import time
from dataclasses import astuple, replace
from typing import Any

import httpx
import pytest

from pgdispatch.database import statements
from pgdispatch.ipc.tally import Tally
from pgdispatch.node.listener import address_of, open_listener
from pgdispatch.web.metrics import Health
from pgdispatch.web.pages import Pages, why_not_ready, why_unhealthy
from pgdispatch.web.probe import PATIENCE, NoAnswerError, Probe

GOOD = Health(is_held=True, heartbeat_age=0.5, lease=15.0, is_drained=False, wanted=2, up=1)


@pytest.mark.parametrize(
    ("health", "reason"),
    [
        (None, "the database does not answer"),
        (replace(GOOD, is_held=False), "the node is not registered"),
        (replace(GOOD, heartbeat_age=None), "the node is not registered"),
        (replace(GOOD, heartbeat_age=15.0), "no heart-beat for 15 s"),
        (replace(GOOD, heartbeat_age=14.9), None),
    ],
)
def test_a_node_is_healthy_while_its_lease_lasts(health: Health | None, reason: str | None) -> None:
    """Or there is a reason why it is not."""
    assert why_unhealthy(health) == reason


@pytest.mark.parametrize(
    ("health", "reason"),
    [
        (GOOD, None),
        (replace(GOOD, is_drained=True), "the node is drained"),
        (replace(GOOD, up=0), "no backgrounder is up"),
        (replace(GOOD, up=0, wanted=0), None),
    ],
)
def test_a_node_is_ready_while_it_can_take_jobs(health: Health, reason: str | None) -> None:
    """Or there is a reason why it cannot."""
    assert why_not_ready(health) == reason


class LongQueue(Probe):
    """A database that answers at once, but for how long its queue is."""

    def __init__(self) -> None:
        super().__init__("", name="n/1")
        self.is_counting = asyncio.Event()

    async def call(self, statement: str, *_: Any) -> list[Any]:
        """Answer, or count."""
        if statement == statements.CLUSTER_METRICS:
            self.is_counting.set()
            await asyncio.Event().wait()
        return [astuple(GOOD)]


def client_of(pages: Pages) -> httpx.AsyncClient:
    """Return somebody who asks for pages."""
    transport = httpx.ASGITransport(pages.application())
    return httpx.AsyncClient(transport=transport, base_url="http://n")


class Told(Probe):
    """A database that says where the console is."""

    def __init__(self, console: str | None) -> None:
        super().__init__("", name="n/1")
        self.console = console

    async def call(self, statement: str, *_: Any) -> list[Any]:
        """Answer."""
        if statement != statements.CONSOLE_URL:
            raise AssertionError(statement)
        return [(self.console,)]


@pytest.mark.parametrize("console", [None, "https://jobs.example/console"])
def test_the_first_page_of_a_node_leads_to_the_console(console: str | None) -> None:
    """If the setting says where that is."""

    async def get() -> str:
        pages = Pages("n", Told(console), Told(None), Tally().as_message())
        async with client_of(pages) as client:
            return (await client.get("/")).text

    page = asyncio.run(get())

    assert "/healthz" in page
    assert ("console" in page) is (console is not None)
    assert (console or "") in page


def test_a_node_is_healthy_while_a_long_queue_is_counted() -> None:
    """Whoever reads the metrics keeps nobody waiting but himself."""

    async def ask() -> tuple[list[int], str]:
        queue = LongQueue()
        async with client_of(Pages("n", LongQueue(), queue, Tally().as_message())) as client:
            metrics = asyncio.create_task(client.get("/metrics"))
            await queue.is_counting.wait()
            answers = [await client.get(path) for path in ("/healthz", "/readyz")]
            assert not metrics.done()
            return [answer.status_code for answer in answers], (await metrics).text

    statuses, page = asyncio.run(ask())

    assert statuses == [200, 200]
    assert "pgdispatch_database_up 1.0" in page


def test_pages_of_a_node_without_a_database_answer_all_the_same() -> None:
    """The three that need it say so; nobody waits longer than the probe does."""
    one, other = (Probe("host=/nowhere", name="n/1") for _ in range(2))

    async def get(*paths: str) -> list[httpx.Response]:
        async with client_of(Pages("n", one, other, Tally().as_message())) as client:
            return [await client.get(path) for path in paths]

    answers = asyncio.run(get("/", "/healthz", "/readyz", "/metrics"))

    assert [answer.status_code for answer in answers] == [200, 503, 503, 200]
    assert "pgdispatch_database_up 0.0" in answers[-1].text


def test_a_silent_database_keeps_many_requests_waiting_no_longer_than_one() -> None:
    """Each has its own two seconds, the wait for its turn included."""

    async def ask(address: str) -> list[BaseException | list[Any]]:
        host, _, port = address.partition(":")
        probe = Probe(f"host={host} port={port} sslmode=disable", name="n/1")
        questions = [probe.rows("select 1") for _ in range(5)]
        return await asyncio.gather(*questions, return_exceptions=True)

    with open_listener("127.0.0.1:0") as silent:
        began = time.monotonic()
        answers = asyncio.run(ask(address_of(silent)))
        took = time.monotonic() - began

    assert [type(answer) for answer in answers] == [NoAnswerError] * 5
    assert took < 2 * PATIENCE
