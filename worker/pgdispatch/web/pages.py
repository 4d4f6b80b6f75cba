"""The pages of an application server: `/livez`, `/readyz`, `/healthz`, `/metrics`."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from pgdispatch.database import statements
from pgdispatch.web.metrics import Alert, Contract, Count, Figures, Foresight, Health, Outbox
from pgdispatch.web.probe import NoAnswerError, Probe

FRESH = {"Cache-Control": "no-store"}
LIVE_PATIENCE = 10.0  # seconds without a word from the supervisor, which speaks every second
INDEX = """\
pgdispatch, node {node}

/livez     200 while the node's supervisor goes on, database or not; else 503: restart it
/readyz    200 while the node can take jobs, else 503
/healthz   200 while the database answers and the node's heart-beat is fresh, else 503
/metrics   numbers for Prometheus
"""


@dataclass
class Pages:
    """What the pages are made from: the node's name, the database, and the node's last tally.

    The queue may be long to count; its probe is not the one that the node's health waits for.
    """

    node: str
    health_probe: Probe
    queue_probe: Probe
    tally: Mapping[str, Any]
    heard_at: float = field(default_factory=time.monotonic)  # when the supervisor last spoke

    def application(self) -> Starlette:
        """Return the ASGI application; other methods than GET and HEAD are refused (405)."""
        application = Starlette(
            routes=[
                Route("/", self.index),
                Route("/livez", self.livez),
                Route("/healthz", self.healthz),
                Route("/readyz", self.readyz),
                Route("/metrics", self.metrics),
            ]
        )
        application.router.redirect_slashes = False
        return application

    async def index(self, _: Request) -> Response:
        """Name the pages, and say where the console is, if the database says so."""
        try:
            ((console,),) = await self.health_probe.rows(statements.CONSOLE_URL)
        except NoAnswerError:
            console = None
        more = "" if console is None else f"\nThe console, for people: {console}\n"
        return PlainTextResponse(INDEX.format(node=self.node) + more, headers=FRESH)

    async def livez(self, _: Request) -> Response:
        """Say whether the supervisor's loop turns, and nothing else."""
        silent = time.monotonic() - self.heard_at
        reason = f"the supervisor has been silent for {silent:.0f} s"
        return _answer(None, "live", reason if silent >= LIVE_PATIENCE else None)

    async def healthz(self, _: Request) -> Response:
        """Say whether the node is healthy, and why not."""
        health = await self._health()
        return _answer(health, "healthy", why_unhealthy(health))

    async def readyz(self, _: Request) -> Response:
        """Say whether the node can take jobs, and why not."""
        health = await self._health()
        return _answer(health, "ready", why_unhealthy(health) or why_not_ready(health))

    async def metrics(self, _: Request) -> Response:
        """Give all numbers; without the database those of the node alone."""
        health = await self._health()
        counts = None if health is None else await self._counts()
        alerts = None if counts is None else await self._alerts()
        outbox = None if alerts is None else await self._outbox()
        foresight = None if outbox is None else await self._foresight()
        contracts = None if outbox is None else await self._contracts()
        page = Figures(
            self.node, self.tally, health, counts, alerts, outbox, foresight, contracts
        ).text()
        return Response(page, headers=FRESH, media_type=CONTENT_TYPE_LATEST)

    async def _health(self) -> Health | None:
        try:
            rows = await self.health_probe.rows(statements.NODE_HEALTH, self.node)
        except NoAnswerError:
            return None
        return Health(*rows[0])

    async def _counts(self) -> list[Count] | None:
        try:
            rows = await self.queue_probe.rows(statements.CLUSTER_METRICS, self.node)
        except NoAnswerError:
            return None
        return [Count(*row) for row in rows]

    async def _alerts(self) -> list[Alert] | None:
        try:
            rows = await self.queue_probe.rows(statements.CLUSTER_ALERTS)
        except NoAnswerError:
            return None
        return [Alert(*row) for row in rows]

    async def _outbox(self) -> list[Outbox] | None:
        try:
            rows = await self.queue_probe.rows(statements.OUTBOX_METRICS)
        except NoAnswerError:
            return None
        return [Outbox(*row) for row in rows]

    async def _foresight(self) -> list[Foresight] | None:
        try:
            rows = await self.queue_probe.rows(statements.FORECAST_METRICS)
        except NoAnswerError:
            return None
        return [Foresight(*row) for row in rows]

    async def _contracts(self) -> list[Contract] | None:
        try:
            rows = await self.queue_probe.rows(statements.CONTRACT_METRICS)
        except NoAnswerError:
            return None
        return [Contract(*row) for row in rows]


def why_unhealthy(health: Health | None) -> str | None:
    """Return why a node is not healthy, None if it is."""
    if health is None:
        return "the database does not answer"
    if not health.is_held or health.heartbeat_age is None:
        return "the node is not registered"
    if health.heartbeat_age >= health.lease:
        return f"no heart-beat for {health.heartbeat_age:.0f} s"
    return None


def why_not_ready(health: Health | None) -> str | None:
    """Return why a node that is healthy takes no jobs, None if it does."""
    if health is not None and health.is_drained:
        return "the node is drained"
    if health is not None and health.wanted > 0 and health.up == 0:
        return "no backgrounder is up"
    return None


def _answer(health: Health | None, good: str, reason: str | None) -> Response:
    facts: dict[str, Any] = {"status": good if reason is None else f"not {good}"}
    if reason is not None:
        facts["reason"] = reason
    if health is not None:
        facts["backgrounders"] = health.up
        facts["heartbeat_age_seconds"] = health.heartbeat_age
    return JSONResponse(facts, status_code=200 if reason is None else 503, headers=FRESH)
