"""The benchmarks can be repeated: nodes that they hold back are complete, and then work."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.rig.forms import Form
from benchmarks.rig.node import held_nodes, release, wait_until_ended
from benchmarks.rig.server import Stage
from benchmarks.sizes import QUICK
from pgdispatch.embedded import EmbeddedServer
from support.servers.embedded import Connect


@pytest.mark.usefixtures("newest_only")
def test_held_nodes_have_all_their_backgrounders_before_they_take_a_job(
    server: EmbeddedServer, database: str, connect: Connect, tmp_path: Path
) -> None:
    """Else a drain by four would be one by one."""
    connection = connect(database)
    connection.execute("insert into pgdispatch.job (type) values ('system'), ('flow'), ('alert')")
    stage = Stage(server, QUICK, tmp_path, print)

    with held_nodes(stage, database, Form(2, 2)) as nodes:
        before = connection.execute(
            "select count(*), (select count(*) from pgdispatch.job_history) "
            "from pgdispatch.backgrounder"
        ).fetchone()
        release(stage, database)
        wait_until_ended(stage, database, nodes, 3)

    assert before == (4, 0)
