"""Real nodes tell real receivers: a webhook and a mail server on this machine.

On the newest server only, to save time.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import signal
import time
from collections.abc import Iterator
from typing import Any

import pytest

from pgdispatch.demo.mail import MailServer
from support.cli.command import run_command
from support.nodes.cluster import Cluster
from support.nodes.processes import wait_until
from support.nodes.receiver import Receiver, receiving

pytestmark = pytest.mark.usefixtures("newest_only")

SECRET = "whsec_" + base64.b64encode(b"thirty-two bytes that are secret").decode()
CONFIG = """
[handler.system]
program = ["sh", "-c", "echo no route to host; exit 1"]
[handler.flow]
program = ["true"]
[target.ops]
url_env = "OPS_URL"
secret_env = "OPS_SECRET"
[target.on-call]
to = ["on-call@example.com"]
sender = "pgdispatch@example.com"
host = "127.0.0.1"
port = {port}
"""
OPEN = "select count(*) from pgdispatch.notice where ended_at is null"


@pytest.fixture
def mail() -> Iterator[MailServer]:
    """Give a mail server."""
    with MailServer() as server:
        yield server


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Give a receiver of webhooks."""
    with receiving() as server:
        yield server


def start(cluster: Cluster, name: str, receiver: Receiver, mail: MailServer, **more: Any) -> None:
    """Start a node that has both as targets."""
    path = cluster.folder / "node.toml"
    path.write_text(CONFIG.format(port=mail.port))
    environment = {"OPS_URL": receiver.url, "OPS_SECRET": SECRET}
    cluster.start(name, app=None, config=path, environment=environment, **more)


def wait_for_failures(cluster: Cluster, so_many: int) -> None:
    """Wait until so many jobs have failed."""
    query = "select count(*) from pgdispatch.job_history where outcome = 'failed'"
    wait_until(lambda: cluster.verbs.value(query) >= so_many, within=60)


def verified(headers: dict[str, str], body: bytes) -> dict[str, Any]:
    """Return what a request says, as sql/OPERATING.md tells a receiver to check it."""
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    at = headers["webhook-timestamp"]
    signed = f"{headers['webhook-id']}.{at}.".encode() + body
    wanted = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert f"v1,{wanted}" in headers["webhook-signature"].split(" ")
    assert abs(time.time() - int(at)) < 300
    message: dict[str, Any] = json.loads(body)
    assert message["data"]["delivery"] == headers["webhook-id"]
    return message


def test_a_failure_reaches_a_webhook_and_a_mailbox(
    cluster: Cluster, receiver: Receiver, mail: MailServer
) -> None:
    """The first attempt is refused: the second says the same, signed anew, and all is noted."""
    receiver.answers = [503]
    cluster.set(retry_base_seconds=1)
    for target in ("ops", "on-call"):
        rule = run_command(cluster.dsn, "notice", "rule", "add", "failure", "--to", target)
        assert rule.status == 0, rule.err
    start(cluster, "etl-1", receiver, mail)
    job = cluster.verbs.job(title="Sales")
    wait_until(lambda: cluster.verbs.value(OPEN) == 0 and len(receiver.requests) > 1)

    first, second = (verified(*request) for request in receiver.requests)
    (letter,) = mail.messages
    notices = run_command(cluster.dsn, "notices", "--json").rows()

    error = "the program exited with status 1: no route to host"
    text = f"job {job} (Sales) of site default failed: {error}"
    assert first["data"] == second["data"]
    assert second["text"] == text
    (notice,) = second["data"]["notices"]
    assert (notice["what"], notice["job"], notice["site"]) == ("failure", job, "default")
    assert letter["Subject"] == f"[pgdispatch] {text}"
    assert letter["X-Envelope-To"] == "on-call@example.com"
    assert text in letter.get_content()
    assert {row["target"]: row["state"] for row in notices} == {
        "ops": "delivered",
        "on-call": "delivered",
    }


def test_a_target_can_be_tried(cluster: Cluster, receiver: Receiver, mail: MailServer) -> None:
    """The command says whether it arrived, and doctor which targets nobody has."""
    start(cluster, "etl-1", receiver, mail)
    cluster.verbs.add("notice_rule", what="failure", target="pager")
    cluster.up("etl-1:1")

    good = run_command(cluster.dsn, "notice", "test", "ops")
    receiver.answers = [302] * 50
    bad = run_command(cluster.dsn, "notice", "test", "ops")
    unknown = run_command(cluster.dsn, "notice", "test", "pager")
    doctor = run_command(cluster.dsn, "doctor")

    assert (good.status, good.out) == (0, "notice 1 delivered to ops\n")
    assert verified(*receiver.requests[0])["data"]["notices"][0]["what"] == "test"
    assert bad.status == 1
    assert "the webhook answered 302 Found: not now" in bad.err
    assert unknown.status == 1
    assert "no live node has the target pager" in unknown.err
    assert "no live node has the target pager" in doctor.out


def test_nothing_is_lost_when_supervisors_are_killed(
    cluster: Cluster, receiver: Receiver, mail: MailServer
) -> None:
    """Each failure is recorded once, and each notice arrives; what arrives twice has one number."""
    cluster.set(lease_seconds=8, notice_digest_seconds=1, max_losses=20, retry_base_seconds=1)
    cluster.verbs.add("notice_rule", what="failure", target="ops")
    for name in ("etl-1", "etl-2"):
        start(cluster, name, receiver, mail, processes=3)
    jobs = {cluster.verbs.job() for _ in range(60)}
    for killed in range(3):
        wait_for_failures(cluster, 5 + 15 * killed)
        victim = cluster.nodes[killed]
        victim.send_all(signal.SIGKILL)
        start(cluster, victim.name, receiver, mail, processes=3)
    wait_for_failures(cluster, len(jobs))
    wait_until(lambda: cluster.verbs.value(OPEN) == 0, within=60)

    recorded = cluster.verbs.rows("select id, job, delivery from pgdispatch.notice")
    arrived: dict[int, set[str]] = {}
    for request in receiver.requests:
        for notice in verified(*request)["data"]["notices"]:
            arrived.setdefault(notice["id"], set()).add(request[0]["webhook-id"])

    assert sorted(row["job"] for row in recorded) == sorted(jobs)
    assert set(arrived) == {row["id"] for row in recorded}
    assert {len(numbers) for numbers in arrived.values()} == {1}
