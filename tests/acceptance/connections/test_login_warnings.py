"""A server that warns at log-in, as of a password that expires or is kept as MD5, disturbs nobody.

PostgreSQL 19 does so by itself; from 17 on a trigger can. On the newest server only.
"""

from __future__ import annotations

import json
from pathlib import Path

import psycopg
import pytest

from support.cli.command import run_command
from support.nodes.cluster import open_cluster

pytestmark = pytest.mark.usefixtures("newest_only")
WARNING = """
create function public.warn() returns event_trigger language plpgsql as $$
begin
    raise warning 'the password will expire soon';
end
$$;
create event trigger warn on login execute function public.warn();
alter event trigger warn enable always;
"""


def test_a_warning_at_log_in_disturbs_neither_commands_nor_nodes(
    database: str, tmp_path: Path
) -> None:
    """What programs read is what they asked for, and jobs run."""
    with psycopg.connect(database) as connection:
        if connection.info.server_version < 170000:
            pytest.skip("no server here warns at log-in")
        connection.execute(WARNING)

    made = run_command(database, "enqueue", "flow", "--json")
    shown = run_command(database, "queue", "--json")
    with open_cluster(database, tmp_path) as cluster:
        cluster.start("etl-1", processes=1)
        ended = cluster.ended(cluster.job("nothing"))

    assert (made.status, shown.status) == (0, 0)
    assert len(json.loads(shown.out)) == 1
    assert ended["outcome"] == "succeeded"
