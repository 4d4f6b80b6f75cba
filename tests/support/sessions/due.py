"""Many jobs that become due, or are unparked, at one instant."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from support.sessions.verbs import Verbs

BOUNDED = (
    *("make_due_ready", "begin_due", "beyond_floor", "unpark_at_site", "unpark_sites"),
    *("park_paused", "move_to_pauses"),
)
FEWER = {"65": "3", "64": "2", "256": "3", "128": "2", "16": "1", "8": "1", "500": "2"}
FILL = """
insert into pgdispatch.job (
    type, site, priority, created_by, inserted_by, created_at, is_serial, precedence, queued_at,
    type_rank, tie_first, tie_second, state, max_attempts, not_before, gate
)
select
    'system', coalesce(split_part(of_all.gate, '/', 2), 'default'),
    of_all.lowest + n::bigint * 7919 % of_all.width, 'x', 'x', pgdispatch.now(), false, 1,
    pgdispatch.now() + n * interval '1 ms', -1, 0, 0, of_all.state, 1, of_all.not_before,
    of_all.gate
from generate_series(1, %s) as n
cross join lateral (
    select %s::text, %s::text, %s::timestamptz, %s::integer, %s::integer
) as of_all (state, gate, not_before, lowest, width)
"""
ORDER = "precedence, priority, queued_at, type_rank, tie_first, tie_second, id"
READY = "select count(*) from pgdispatch.job where state in ('ready', 'running')"


@dataclass
class Drained:
    """The jobs in the order of their start, and the most that one call made ready."""

    started: list[int] = field(default_factory=list)
    most_ready: int = 0


def narrow(verbs: Verbs) -> None:
    """Let everything that is done in bounded numbers be done two at a time."""
    for name in BOUNDED:
        body = verbs.value(f"select pg_get_functiondef('pgdispatch.{name}'::regproc)")
        for number, fewer in FEWER.items():
            body = re.sub(rf"\b{number}\b", fewer, body)
        verbs.run(body.replace("%", "%%"))


def fill(
    verbs: Verbs,
    count: int,
    *,
    state: str = "delayed",
    gate: str | None = None,
    not_before: Any = None,
    lowest: int = 1,
    width: int = 100,
) -> None:
    """Add many jobs past the triggers, with `width` priorities from `lowest` on."""
    verbs.run("set session_replication_role = replica")
    verbs.run(FILL.replace("% of", "%% of"), count, state, gate, not_before, lowest, width)
    verbs.run("reset session_replication_role")


def in_order(verbs: Verbs, limit: int | None = None) -> list[int]:
    """Return the waiting jobs in the order of dispatch."""
    return verbs.values(f"select id from pgdispatch.job where backgrounder is null "
                        f"order by {ORDER} limit %s", limit)  # fmt: skip


def drain(verbs: Verbs, most: int) -> Drained:
    """Run so many jobs one after the other, and see after each call how many are ready."""
    done = Drained()
    ready = verbs.value(READY)
    got = verbs.ask("n:1")
    while got is not None:
        before, ready = ready, verbs.value(READY)
        done.most_ready = max(done.most_ready, ready - before)
        if got.verdict == "again":
            got = verbs.ask("n:1")
        else:
            done.started.append(got.id)
            got = verbs.finish(got.id, claim=len(done.started) < most)
    return done
