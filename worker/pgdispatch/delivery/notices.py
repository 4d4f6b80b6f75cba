"""Deliver notices: the handler of jobs of type `notice`, which the database makes."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from pgdispatch.delivery import SITE, mail
from pgdispatch.delivery.targets import Mailbox, Target
from pgdispatch.errors import InvalidInputError, PgdispatchError
from pgdispatch.handler import Context, Handler

TYPE = "notice"
PAGES = ("contract", "job", "task", "node", "schedule", "site", "type")  # the nearest first
LISTED = 20  # so many notices are in the text of one message
PLURALS = {
    "failure": "failures",
    "suspension": "suspensions",
    "recovery": "recoveries",
    "node_lost": "nodes lost",
    "schedule_late": "schedules late",
    "budget_spent": "budgets spent",
    "contract_at_risk": "contracts at risk",
    "contract_late": "contracts late",
    "contract_broken": "contracts broken",
    "contract_fresh": "contracts fresh again",
    "test": "tests",
}


def handler(targets: Mapping[str, Target]) -> Handler:
    """Return the handler that delivers to these targets.

    What it delivers is in the job; the identity of the delivery is the same at each attempt.
    """

    def deliver(context: Context) -> dict[str, Any]:
        if context.job.site != SITE:
            raise InvalidInputError(
                f"notices are delivered by jobs of site {SITE} only",
                hint="to try a target, run: pgdispatch notice test TARGET",
            )
        args = context.job.args
        target = targets.get(args["target"])
        if target is None:
            raise PgdispatchError(
                f"this node has no target {args['target']}",
                detail=f"it has {', '.join(sorted(targets))}",
                hint="give all nodes that have targets the same ones",
            )
        _send(target, args)
        context.log(f"{args['count']} notices as delivery {args['delivery']}")
        return {"delivery": args["delivery"], "notices": args["count"]}

    return deliver


def _send(target: Target, delivery: Mapping[str, Any]) -> None:
    if isinstance(target, Mailbox):
        lines = listed(delivery["notices"], delivery["count"])
        lines += ["", delivery["console"]] if delivery.get("console") else []
        subject, text = f"[pgdispatch] {summary(delivery)}", "\n".join(lines) + "\n"
        message_id = f"notice-{delivery['delivery']}"
        mail.send(target.server, target.recipients, subject, text, message_id=message_id)
    else:
        target.post(payload(delivery), message_id=delivery["delivery"], at=int(time.time()))


def payload(delivery: Mapping[str, Any]) -> bytes:
    """Return the body of a webhook's request: JSON, with a text that chats show as it is."""
    lines = listed(delivery["notices"], delivery["count"])
    console = delivery.get("console")
    text = lines[0] if len(lines) == 1 else "\n".join([summary(delivery), *lines])
    message = {
        "type": "pgdispatch.notices",
        "timestamp": datetime.now(UTC).isoformat(timespec="seconds"),
        "text": text,
        "data": {**delivery, "notices": [linked(one, console) for one in delivery["notices"]]},
    }
    return json.dumps(message, ensure_ascii=False).encode(errors="replace")


def linked(notice: Mapping[str, Any], console: str | None) -> Mapping[str, Any]:
    """Return a notice with `url`, the console's page of what it is about, if there is a console."""
    about = next((kind for kind in PAGES if notice.get(kind) is not None), None)
    if console is None or about is None:
        return notice
    return {**notice, "url": f"{console}/{about}/{quote(str(notice[about]))}"}


def summary(delivery: Mapping[str, Any]) -> str:
    """Return in one line what is told: the one notice, or of what kinds they are."""
    notices, count = delivery["notices"], delivery["count"]
    if count == 1:
        return _line(notices[0]["text"])
    kinds = Counter(notice["what"] for notice in notices)
    words = [
        f"{many} {what.replace('_', ' ') if many == 1 else PLURALS.get(what, what)}"
        for what, many in kinds.most_common()
    ]
    if count > len(notices):
        words.append(f"{count - len(notices)} more")
    return f"{count} notices: {', '.join(words)}"


def listed(notices: Sequence[Mapping[str, Any]], count: int) -> list[str]:
    """Return the first notices, one a line, and how many more there are."""
    lines = [_line(notice["text"]) for notice in notices[:LISTED]]
    if count > len(lines):
        lines.append(f"and {count - len(lines)} more: pgdispatch notices")
    return lines


def _line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
