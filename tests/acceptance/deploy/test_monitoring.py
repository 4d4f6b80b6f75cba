"""The files for monitoring: rules that fire when they should, and queries that find numbers.

By `promtool` and `prometheus`, which Debian's package prometheus has; where they are, that is.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from pgdispatch.ipc.tally import Ended, Tally
from pgdispatch.web.metrics import ALERTS, Alert, Count, Figures, Health, Outbox
from support.checkout import ROOT
from support.nodes.cluster import Cluster
from support.nodes.processes import wait_until

FOLDER = ROOT / "docker" / "monitoring"
DASHBOARD = FOLDER / "dashboard.json"
METRIC = re.compile(r"\bpgdispatch_\w+")
SERVES = re.compile(r"http://(127\.0\.0\.1:\d+)/")


def program(name: str) -> str:
    """Return where a program is; skip the test if it is not there."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def queries() -> list[str]:
    """Return the queries of the dashboard."""
    panels = json.loads(DASHBOARD.read_text("utf-8"))["panels"]
    return [target["expr"] for panel in panels for target in panel["targets"]]


def test_rules_fire_when_they_should_and_not_before() -> None:
    """By their own tests; each rule has one."""
    promtool = program("promtool")
    for command in (["check", "rules", "alerts.yml"], ["test", "rules", "alerts_test.yml"]):
        done = subprocess.run(
            [promtool, *command], cwd=FOLDER, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
    rules = re.findall(r"- alert: (\w+)", (FOLDER / "alerts.yml").read_text("utf-8"))
    tests = (FOLDER / "alerts_test.yml").read_text("utf-8")

    fired = re.findall(r"alertname: (\w+)\n +exp_alerts:", tests)

    assert set(fired) == set(rules)


def test_rules_and_queries_ask_for_metrics_that_there_are() -> None:
    """A metric that is renamed is renamed here, too."""
    tally = Tally(swept=1)
    tally.end([(1, 1)], [Ended(1, "flow", "failed", "error", 1.0, 1.0, ["site"])])
    health = Health(True, 1.0, 15.0, False, 2, 2)
    counts = [Count(state, "flow", "site", 1, 1.0) for state in ("parked", "running")]
    outbox = [Outbox("ops", 1, 1.0)]
    alerts = [Alert(name, None, 1.0) for name in ALERTS]
    page = Figures("n", tally.as_message(), health, counts, alerts, outbox).text().decode()
    there = set(METRIC.findall(page))
    text = "\n".join([(FOLDER / "alerts.yml").read_text("utf-8"), *queries()])

    asked = set(METRIC.findall(text))

    assert len(asked) > 10
    assert asked <= there


@contextmanager
def scraping(address: str, folder: Path) -> Iterator[str]:
    """Let a real Prometheus ask a node, with our rules; give its own address."""
    config = (FOLDER / "prometheus.yml").read_text("utf-8")
    config = re.sub(r'\["etl-1.*\]', f'["{address}"]', config).replace("15s", "1s")
    (folder / "prometheus.yml").write_text(config)
    shutil.copy(FOLDER / "alerts.yml", folder)
    log = folder / "prometheus.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [program("prometheus"), "--config.file=prometheus.yml", "--storage.tsdb.path=data",
             "--web.listen-address=127.0.0.1:0"],
            cwd=folder, stdout=output, stderr=output,
        )  # fmt: skip
    try:
        listening = re.compile(r'msg="Listening on" address=(\S+)')
        wait_until(lambda: listening.search(log.read_text()) is not None)
        found = listening.search(log.read_text())
        assert found is not None
        wait_until(lambda: is_ready(found[1]), what="a Prometheus that answers")
        yield f"http://{found[1]}"
    finally:
        process.terminate()
        process.wait(20)


def is_ready(address: str) -> bool:
    """Tell whether a Prometheus that listens answers questions already."""
    try:
        with urllib.request.urlopen(f"http://{address}/-/ready", timeout=10):
            return True
    except urllib.error.HTTPError:
        return False


def ask(prometheus: str, path: str, **values: str) -> Any:
    """Return what Prometheus answers."""
    url = f"{prometheus}/api/v1/{path}?{urllib.parse.urlencode(values)}"
    with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310  # of our own making
        return json.load(answer)["data"]


@pytest.mark.usefixtures("newest_only")
def test_every_query_of_the_dashboard_finds_numbers(cluster: Cluster, tmp_path: Path) -> None:
    """A real Prometheus asks a real node with jobs that wait, run, end and fail, and a notice."""
    program("prometheus")
    cluster.verbs.add("notice_rule", what="failure", target="ops")
    node = cluster.start(processes=1)
    cluster.verbs.site("acme", 0)
    cluster.job(site="acme")
    for do in ("show", "fail"):
        cluster.ended(cluster.job(do))
    wait_until(lambda: SERVES.search(node.log) is not None)
    address = SERVES.search(node.log)
    assert address is not None

    with scraping(address[1], tmp_path) as prometheus:

        def silent() -> list[str]:
            now = time.time()
            span = {"start": str(now - 10), "end": str(now), "step": "1"}
            asked = [query.replace("$__rate_interval", "10s") for query in queries()]
            return [
                query
                for query in asked
                if not ask(prometheus, "query_range", query=query, **span)["result"]
            ]

        cluster.running(cluster.job())
        for _ in range(3):
            cluster.job()
        wait_until(lambda: not silent(), what="an answer to every query", within=60, every=0.5)
        rules = ask(prometheus, "rules")["groups"][0]["rules"]

    assert {rule["health"] for rule in rules} == {"ok"}
