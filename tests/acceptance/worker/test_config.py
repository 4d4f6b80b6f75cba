"""Programs and stored procedures serve job types by a node's configuration file.

On the newest server only, to save time.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from support.nodes.cluster import Cluster
from support.nodes.processes import wait_until

pytestmark = pytest.mark.usefixtures("newest_only")

PROGRAMS = """
[handler.system]
program = ["sh", "-c", 'cat; echo to stderr >&2; echo "$0 $1"', "it's", "$HOME; exit 9"]
[handler.alert]
program = ["sh", "-c", "echo not good; exit 4"]
[handler.subscription]
program = ["sh", "-c", '''
    trap 'echo asked to stop; exit 5' TERM
    echo started > started
    while :; do sleep 0.05; done
''']
"""
PROCEDURES = """
create schema etl;
create table etl.step (name text);
create procedure etl.load(job jsonb) language plpgsql as $$
begin
    insert into etl.step values (job->'args'->>'step');
    commit;
    raise notice 'loaded % of %', job->'args'->>'step', job->>'type';
    if job->'args' ? 'wrong' then
        raise exception 'no such month' using hint = 'try another';
    end if;
    if job->'args' ? 'long' then
        perform pg_sleep(300);
    end if;
end $$
"""


def configure(cluster: Cluster, text: str) -> None:
    """Start a node with a configuration file."""
    path = Path(cluster.folder / "node.toml")
    path.write_text(text)
    cluster.start(app=None, config=path)


def test_a_program_gets_the_job_as_json_and_its_output_is_the_log(cluster: Cluster) -> None:
    """No shell comes in between, and what the row says is data."""
    job = cluster.verbs.job("system", title="t", args=json.dumps({"a": "$(touch x); é"}))
    configure(cluster, PROGRAMS)

    ended = cluster.ended(job)

    first, *others = ended["log"].splitlines()
    given = json.loads(first)
    assert ended["outcome"] == "succeeded"
    assert given["args"] == {"a": "$(touch x); é"}
    assert (given["id"], given["attempt"], given["title"]) == (job, 1, "t")
    assert others == ["to stderr", "it's $HOME; exit 9"]


def test_the_exit_status_of_a_program_is_the_outcome(cluster: Cluster) -> None:
    """Another than 0 fails the job, which says no more than the program did."""
    alert = cluster.verbs.job("alert")
    configure(cluster, PROGRAMS)

    failed = cluster.ended(alert)

    assert (failed["outcome"], failed["failed_as"]) == ("failed", "error")
    assert failed["error"] == "the program exited with status 4: not good"
    assert failed["log"] == "not good"


def test_a_program_that_is_not_there_keeps_a_node_from_starting(cluster: Cluster) -> None:
    """It says which, and what to do."""
    configure(cluster, '[handler.flow]\nprogram = ["/nowhere/at/all"]')
    node = cluster.nodes[0]

    assert node.exit_status() == 2
    assert "[handler.flow]: the program /nowhere/at/all is not there" in node.log
    assert "hint: install it, or mend its path in the configuration file" in node.log


def test_a_cancelled_program_gets_sigterm(cluster: Cluster) -> None:
    """Its last words are in the log."""
    job = cluster.verbs.job("subscription")
    configure(cluster, PROGRAMS)
    wait_until((cluster.folder / "started").exists)

    cluster.verbs.cancel(job)
    ended = cluster.ended(job)

    assert ended["outcome"] == "cancelled"
    assert ended["error"] == "the program exited with status 5: asked to stop"
    assert ended["log"] == "asked to stop"


def test_a_procedure_gets_the_job_as_jsonb_and_its_notices_are_the_log(cluster: Cluster) -> None:
    """It may commit; its error fails the job; a cancelled job cancels its statement."""
    cluster.verbs.connection.execute(PROCEDURES)
    jobs = [flow(cluster, step=1), flow(cluster, step=2, wrong=1), flow(cluster, step=3, long=1)]
    configure(cluster, '[handler.flow]\nprocedure = "etl.load"')
    good, bad = cluster.ended(jobs[0]), cluster.ended(jobs[1])
    steps = "select array_agg(name) from etl.step"
    wait_until(lambda: cluster.verbs.value(steps) == ["1", "2", "3"])

    cluster.verbs.cancel(jobs[2])
    cancelled = cluster.ended(jobs[2])

    assert (good["outcome"], good["log"]) == ("succeeded", "loaded 1 of flow")
    assert (bad["outcome"], bad["failed_as"]) == ("failed", "error")
    assert bad["error"] == "the procedure etl.load failed: no such month"
    first, second, hint, where = bad["log"].splitlines()
    assert (first, second) == ("loaded 2 of flow", "no such month")
    assert hint == "HINT:  try another"
    assert where.startswith("CONTEXT:  PL/pgSQL function etl.load(jsonb) line ")
    assert cancelled["outcome"] == "cancelled"
    assert "canceling statement" in cancelled["error"]
    assert cluster.verbs.value(
        "select count(*) from pg_stat_activity where query like 'call%%' and state = 'active'"
    ) == 0  # fmt: skip


def flow(cluster: Cluster, **args: Any) -> int:
    """Insert a flow."""
    return cluster.verbs.job("flow", args=json.dumps(args))
