"""Requests are signed as Standard Webhooks has it, and say what is delivered."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pgdispatch.delivery import SITE
from pgdispatch.delivery.notices import handler, payload, summary
from pgdispatch.delivery.webhook import Webhook, read_key, sign
from pgdispatch.errors import PgdispatchError
from pgdispatch.handler import Handlers
from pgdispatch.testing import context, run


def delivery(*texts: str, count: int | None = None) -> dict[str, Any]:
    """Return the arguments of a delivery."""
    notices = [{"id": n, "what": "failure", "text": text} for n, text in enumerate(texts)]
    return {"target": "ops", "delivery": "d", "count": count or len(texts), "notices": notices}


def test_the_signature_is_that_of_the_specification() -> None:
    """By its own example."""
    key = read_key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    body = b'{"test": 2432232314}'

    signature = sign(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)

    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_one_notice_is_the_text() -> None:
    """Without lines of its own, whatever a title holds."""
    body = json.loads(payload(delivery("job 1 (a\nb\x1b) failed")))

    assert body["text"] == "job 1 (a b ) failed"
    assert body["data"]["notices"][0]["text"] == "job 1 (a\nb\x1b) failed"


def test_what_a_digest_is_of_is_counted_by_kind() -> None:
    """One or several of a kind, in words."""
    kinds = ["failure", "recovery", "recovery", "node_lost"]
    digest = {"count": 4, "notices": [{"what": what, "text": "x"} for what in kinds]}

    assert summary(digest) == "4 notices: 2 recoveries, 1 failure, 1 node lost"


def test_many_notices_are_listed_and_counted() -> None:
    """Twenty at most; what is not even in the data is counted, too."""
    many = delivery(*(f"job {n} failed" for n in range(100)), count=150)

    lines = json.loads(payload(many))["text"].splitlines()

    assert lines[0] == summary(many) == "150 notices: 100 failures, 50 more"
    assert lines[1:3] == ["job 0 failed", "job 1 failed"]
    assert (len(lines), lines[-1]) == (22, "and 130 more: pgdispatch notices")


@pytest.mark.parametrize(
    ("about", "url"),
    [
        ({"job": 7, "task": 3, "site": "a b"}, "https://x/console/job/7"),
        ({"schedule": "a/b ?", "site": "acme"}, "https://x/console/schedule/a/b%20%3F"),
        ({"text": "nothing of ours"}, None),
    ],
)
def test_a_notice_leads_to_the_console(about: dict[str, Any], url: str | None) -> None:
    """To the page of what it is about, if the installation says where its console is."""
    told = delivery("x")
    told["notices"][0] |= about
    with_console = {**told, "console": "https://x/console"}

    (there,) = json.loads(payload(with_console))["data"]["notices"]
    (nowhere,) = json.loads(payload({**told, "console": None}))["data"]["notices"]

    assert there.get("url") == url
    assert "url" not in nowhere


@pytest.mark.parametrize(
    ("site", "said"), [("acme", "by jobs of site"), (SITE, "this node has no target ops")]
)
def test_a_job_that_cannot_be_delivered_fails(site: str, said: str) -> None:
    """One that somebody made up, or that met the wrong node."""
    job = context("notice", site=site, args=delivery("x"))

    with pytest.raises(PgdispatchError, match=said):
        handler({})(job)


def test_a_receiver_that_is_not_there_is_an_error() -> None:
    """Which says so, and does not name the address: it may be a secret."""
    handlers = Handlers()
    handlers.add("notice", handler({"ops": Webhook("http://127.0.0.1:9/secret", None, 1.0)}))

    ending = run(context("notice", site=SITE, args=delivery("x")), handlers)

    assert "the webhook cannot be reached" in str(ending.error)
    assert "secret" not in str(ending.error)
