"""The simulation against real SQL in moved time: given how long jobs run, they never disagree."""

from __future__ import annotations

import pytest

from pgdispatch.embedded import EmbeddedServer
from simulation.oracle.program import judge_world
from simulation.oracle.worlds import WORLDS
from support.servers.embedded import Connect, made_database

ALL = {
    *("succeeded", "error", "killed", "timed out", "given back", "snoozed", "cancelled"),
    *("over budget", "promoted", "added late", "a later step"),
    *("parked: datasource", "parked: schedule", "parked: site", "parked: pause"),
    *("skipped: waiting", "skipped: suspended", "skipped: missed", "skipped: closed"),
    *("skipped, linked: waiting", "skipped, linked: missed"),
}


@pytest.mark.newest_only
def test_each_start_end_and_skip_is_what_sql_does(
    server: EmbeddedServer, template: str, connect: Connect
) -> None:
    """Over three installations, which together have all that dispatch goes by."""
    seen: set[str] = set()
    differences = []
    starts = 0
    for world in WORLDS:
        with made_database(server, f"oracle_{world.seed}", template=template) as dsn:
            connection = connect(dsn, options="-c timezone=UTC")
            verdicts, kinds = judge_world(connection, world, hours=5.5, looks=4)
            connection.close()
        seen |= kinds
        starts += sum(verdict.judgement.starts for verdict in verdicts)
        differences += [verdict for verdict in verdicts if verdict.judgement.differences]

    assert differences == []
    assert ALL - seen == set()
    assert starts > 1000
