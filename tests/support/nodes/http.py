"""Ask a node's application servers over HTTP, as a load balancer or Prometheus would."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from support.nodes.cluster import Cluster
from support.nodes.processes import wait_until

FIND = "select address from pgdispatch.application_server where id = %s"
Labels = dict[str, str]


@dataclass(frozen=True)
class Page:
    """What came back."""

    status: int
    text: str
    headers: dict[str, str]

    @property
    def facts(self) -> dict[str, Any]:
        """The object that a JSON page holds."""
        found: dict[str, Any] = json.loads(self.text)
        return found

    def value(self, metric: str, **labels: str) -> float:
        """Return one number of a page of metrics: the sum of all that have these labels."""
        return sum(
            sample.value
            for family in text_string_to_metric_families(self.text)
            for sample in family.samples
            if sample.name == metric and labels.items() <= sample.labels.items()
        )


def ask(address: str, path: str, method: str = "GET", *, within: float = 3.0) -> Page:
    """Send one request on a connection of its own; raise TimeoutError if that takes too long."""
    host, _, port = address.rpartition(":")
    connection = http.client.HTTPConnection(host.strip("[]"), int(port), timeout=within)
    try:
        connection.request(method, path)
        answer = connection.getresponse()
        return Page(answer.status, answer.read().decode(), dict(answer.getheaders()))
    finally:
        connection.close()


def address_of(cluster: Cluster, server: str = "n/1") -> str:
    """Wait until an application server is up and return where it listens."""
    wait_until(lambda: bool(cluster.verbs.values(FIND, server)))
    return str(cluster.verbs.value(FIND, server))


def metrics_once(address: str, metric: str, wanted: float, **labels: str) -> Page:
    """Ask for the metrics until one of them has a value, and return that page."""
    pages: list[Page] = []

    def is_there() -> bool:
        pages.append(ask(address, "/metrics"))
        return pages[-1].value(metric, **labels) == wanted

    wait_until(is_there)
    return pages[-1]
