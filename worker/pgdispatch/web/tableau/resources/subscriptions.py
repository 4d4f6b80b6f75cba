"""Subscriptions, which are tasks of type subscription: all, and one."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from pgdispatch.web.tableau import statements
from pgdispatch.web.tableau.call import Call, Row
from pgdispatch.web.tableau.resources.extract_tasks import schedule_of
from pgdispatch.web.tableau.route import IN_SITE, Answer, Route
from pgdispatch.web.tableau.writing import element


def list_subscriptions(call: Call) -> Answer:
    """Answer with the subscriptions of the site."""
    return call.listed(statements.SUBSCRIPTIONS, _subscription, "subscriptions")


def show_subscription(call: Call) -> Answer:
    """Answer with one subscription."""
    return [_subscription(call.one("subscription", statements.SUBSCRIPTION))]


def _subscription(row: Row) -> Element:
    """Return a subscription. What it sends is its handler's affair: clients want something."""
    return element(
        "subscription",
        element("content", id=row["thing_luid"], type="Workbook", sendIfViewEmpty=True),
        *schedule_of(row),
        id=row["luid"],
        subject=row["title"],
        suspended=row["is_suspended"] or not row["enabled"],
    )


ROUTES = (
    Route("GET", IN_SITE + "subscriptions", "subscription", list_subscriptions),
    Route("GET", IN_SITE + "subscriptions/{id}", "subscription", show_subscription),
)
