"""Arguments that PostgreSQL holds and Python does not read: their job fails, the next one runs.

On the newest server only, to save time.
"""

from __future__ import annotations

import pytest
from psycopg.types.json import set_json_loads

from support.bad_input.values import DEEP
from support.nodes.cluster import Cluster

pytestmark = pytest.mark.usefixtures("newest_only")
UNREADABLE = {
    "nested too deep": '{"a":' * DEEP + "1" + "}" * DEEP,
    "a number too long": '{"a": ' + "9" * 5000 + "}",
}


@pytest.mark.parametrize("args", UNREADABLE.values(), ids=UNREADABLE)
def test_a_job_whose_arguments_cannot_be_read_fails_and_says_so(
    cluster: Cluster, args: str
) -> None:
    """The backgrounder that claimed it goes on."""
    set_json_loads(str, cluster.verbs.connection)
    job, after = cluster.verbs.job(args=args), cluster.job("nothing")
    cluster.start(processes=1)

    ended, next_one = cluster.ended(job), cluster.ended(after)

    assert (ended["outcome"], ended["failed_as"], ended["attempt"]) == ("failed", "error", 1)
    assert ended["error"] == "args cannot be read: nested too deep, or a number too long"
    assert next_one["outcome"] == "succeeded"
    assert cluster.verbs.values("select number from pgdispatch.backgrounder") == [1]
