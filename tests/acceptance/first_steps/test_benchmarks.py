"""The benchmarks can be repeated: a node that they hold back is complete, and then works."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.rig.node import held_node, release, wait_until_ended
from benchmarks.rig.server import Stage
from benchmarks.sizes import QUICK
from pgdispatch.embedded import EmbeddedServer
from support.servers.embedded import Connect


@pytest.mark.usefixtures("newest_only")
def test_a_held_node_has_all_its_backgrounders_before_it_takes_a_job(
    server: EmbeddedServer, database: str, connect: Connect, tmp_path: Path
) -> None:
    """Else a drain by four would be one by one."""
    connection = connect(database)
    connection.execute("insert into pgdispatch.job (type) values ('system'), ('flow'), ('alert')")
    stage = Stage(server, QUICK, tmp_path, print)

    with held_node(stage, database, 2) as node:
        before = connection.execute(
            "select count(*), (select count(*) from pgdispatch.job_history) "
            "from pgdispatch.backgrounder"
        ).fetchone()
        release(stage, database, node)
        wait_until_ended(stage, database, node, 3)

    assert before == (2, 0)
