"""Webhooks, which are rules of notices: who is told when a refresh of the site has failed.

Where a request may go is said by the operator of the nodes and never by a row: a webhook can only
be made for an address that the console was started with, and is then a rule for the target that
this address stands for. What the address of that target is, is in the files of the nodes.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element

from pgdispatch.web.tableau import statements
from pgdispatch.web.tableau.call import Call, Row
from pgdispatch.web.tableau.errors import FORBIDDEN, RefusedError, not_found
from pgdispatch.web.tableau.parsing import child
from pgdispatch.web.tableau.route import IN_SITE, Answer, Route
from pgdispatch.web.tableau.writing import element, with_text

EVENT = "webhook-source-event-datasource-refresh-failed"
EVENTS = (EVENT, "webhook-source-event-workbook-refresh-failed")
TYPES = ["full_extract", "incremental_extract", "extract_creation"]
WEBHOOKS = IN_SITE + "webhooks"
ACCEPTED = 202


def list_webhooks(call: Call) -> Answer:
    """Answer with the webhooks of the site."""
    found = _rows(call)
    pagination = element(
        "pagination", pageNumber=1, pageSize=max(1, len(found)), totalAvailable=len(found)
    )
    return [pagination, element("webhooks", *(_webhook(call, row) for row in found))]


def show_webhook(call: Call) -> Answer:
    """Answer with one webhook."""
    return [_webhook(call, _one(call))]


def add_webhook(call: Call) -> Answer:
    """Add a webhook, for an address that the console was told of."""
    asked = child(call.body, "webhook")
    events = [each.tag for each in child(asked, "webhook-source")]
    if len(events) != 1 or events[0] not in EVENTS:
        told = ", ".join(event.removeprefix("webhook-source-event-") for event in EVENTS)
        raise RefusedError(400, "400008", "there is no such event here", f"there is: {told}")
    destination = child(asked, "webhook-destination")
    url = child(destination, "webhook-destination-http").get("url", "")
    target = call.targets.by_url.get(url)
    if target is None:
        raise RefusedError(
            403,
            FORBIDDEN,
            "no webhook can be made for that address",
            "addresses are allowed by who runs the console: --webhook-target URL=TARGET",
        )
    if any(row["target"] == target for row in _rows(call)):
        raise RefusedError(409, "409000", "there is such a webhook")
    call.rows(statements.ADD_WEBHOOK, target=target, types=TYPES)
    (made,) = (row for row in _rows(call) if row["target"] == target)
    return [_webhook(call, made)]


def delete_webhook(call: Call) -> Answer:
    """Delete a webhook; what was recorded by it is still delivered."""
    found = _one(call)
    if len(call.rows(statements.REMOVE_WEBHOOK, rules=found["rules"])) < len(found["rules"]):
        raise RefusedError(403, FORBIDDEN, "you may not delete that webhook")
    return []


def test_webhook(call: Call) -> Answer:
    """Send a notice that tells nothing; it goes out by itself, from a node."""
    found = _one(call)
    notice = call.do(statements.TEST_WEBHOOK, target=found["target"])["notice"]
    body = with_text("body", f"notice {notice} is on its way, see pgdispatch notices")
    return [element("webhookTestResult", body, id=found["luid"], status=ACCEPTED)]


def _rows(call: Call) -> list[Row]:
    targets = list(call.targets.by_url.values())
    return call.rows(statements.WEBHOOKS, types=TYPES, targets=targets)


def _one(call: Call) -> Row:
    luid = call.luid("webhook")
    for row in _rows(call):
        if row["luid"] == luid:
            return row
    raise not_found("webhook", luid)


def _webhook(call: Call, row: Row) -> Element:
    url = next(url for url, target in call.targets.by_url.items() if target == row["target"])
    return element(
        "webhook",
        element("webhook-source", element(EVENT)),
        element("webhook-destination", element("webhook-destination-http", method="POST", url=url)),
        id=row["luid"],
        name=f"failed refreshes to {row['target']}",
        event="datasource-refresh-failed",
    )


ROUTES = (
    Route("GET", WEBHOOKS, "webhook", list_webhooks),
    Route("POST", WEBHOOKS, "webhook", add_webhook, 201),
    Route("GET", WEBHOOKS + "/{id}", "webhook", show_webhook),
    Route("DELETE", WEBHOOKS + "/{id}", "webhook", delete_webhook, 204),
    Route("GET", WEBHOOKS + "/{id}/test", "webhook", test_webhook, is_get_that_acts=True),
)
