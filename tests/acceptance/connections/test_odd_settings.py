"""The command and a node under settings that are all odd, and in an environment that is odd, too.

What a command prints is the same as before; a node runs its jobs; behind a pooler as well (there
in test_pooler).
"""

from __future__ import annotations

import json

import pytest

from support.bad_input import odd
from support.cli.command import run_command
from support.cli.command_tree import run_here
from support.nodes.cluster import Cluster
from support.nodes.processes import wait_until
from support.servers.embedded import Connect
from support.sessions.clock import Clock

NODE = "select pgdispatch.register_node('etl-1', '00000000-0000-0000-0000-000000000001', 2)"
BACKGROUND = "select pgdispatch.start_backgrounder('etl-1:1', 4711)"
FURNITURE = (
    "insert into pgdispatch.site (name, max_running_jobs, daily_seconds) values ('日本', 2, 3600)",
    "insert into pgdispatch.schedule (name, recurrence, time_zone) "
    "values ('daily', 'daily at 06:30', 'Asia/Tokyo')",
    "insert into pgdispatch.task (type, title, schedule) values ('system', '日本', 'daily')",
    "insert into pgdispatch.task (type, title) values ('flow', 'é'), ('flow', 'ü')",
    "insert into pgdispatch.linked_task (title) values ('all')",
    "insert into pgdispatch.linked_task_step (linked_task, step, task) values (1, 1, 2), (1, 2, 3)",
    NODE,
    BACKGROUND,
    "select pgdispatch.fire('daily', '2026-03-02 06:30+00')",
    "select pgdispatch.claim('etl-1:1')",
    "select pgdispatch.fail(1, 1, '日本', p_log => 'ü')",
    "insert into pgdispatch.job (type, title, site, timeout, args) "
    """values ('system', '日本', '日本', '1 day 2 hours', '{"of": "日本"}')""",
    "select pgdispatch.claim('etl-1:1')",
    "insert into pgdispatch.job (type, title, not_before) "
    "values ('system', 'later', '2026-03-03 06:00+00')",
    "select pgdispatch.run_now_linked_task(1)",
)
LOOKS = [
    *("queue", "status", "jobs", "site list", "schedule list", "schedule preview daily"),
    *("task list", "linked-task list", "linked-task show 1", "node list", "type list"),
    *("setting list", "show 1", "show 2", "show 3"),
]


def looks(dsn: str) -> dict[str, tuple[int, str, str]]:
    """Return what each command that only looks says, for people and as JSON."""
    found = {}
    for words in LOOKS:
        for form in ([], ["--json"]):
            done = run_here(*words.split(), *form, "--dsn", dsn)
            found[" ".join([words, *form])] = (done.status, done.out, done.err)
    return found


def test_commands_print_the_same_in_odd_settings(
    database: str, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tables and JSON, of a database whose clock stands still."""
    connection = connect(database)
    Clock(connection)
    for statement in FURNITURE:
        connection.execute(statement)
    monkeypatch.setenv("TZ", "Europe/Berlin")
    usual = looks(database)
    odd.make_odd(database, with_traps=True)
    for name, value in odd.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)

    found = looks(database)

    assert {name for name, (status, _, _) in usual.items() if status} == set()
    assert found == usual
    assert json.loads(found["queue --json"][1])[0]["waits_for"] == 0


@pytest.mark.usefixtures("newest_only")
def test_commands_change_what_they_are_told_in_odd_settings(database: str) -> None:
    """Each in a process of its own, as a person starts them."""
    odd.make_odd(database, with_traps=True)
    acts = [
        ["install"],
        ["install", "--again"],
        ["schedule", "add", "night", "--recurrence", "every 15 minutes from 22:00 to 04:00"],
        ["task", "add", "日本", "system", "--schedule", "night"],
        ["enqueue", "system", "--title", "日本", "--timeout", "1d", "--not-before", "+1h"],
        ["schedule", "fire", "night"],
        ["set-priority", "1", "7"],
        ["cancel", "1", "2"],
        ["run-now", "1"],
        ["setting", "set", "site_max_running_jobs", "7"],
    ]

    done = [run_command(database, *act, **odd.ENVIRONMENT) for act in acts]
    doctor = run_command(database, "doctor", **odd.ENVIRONMENT)

    assert [(one.status, one.err) for one in done if one.status] == []
    assert "drop" not in doctor.out
    assert "drift" not in doctor.out


def test_a_node_runs_its_jobs_in_odd_settings(cluster: Cluster) -> None:
    """One of a schedule, one whose title LATIN1 lacks, one that fails, one that a crash ends."""
    cluster.verbs.schedule("often", recurrence="every 15 minutes", missed_runs="once")
    task = cluster.verbs.task("system", schedule="often", args='{"do": "nothing"}', title="日本")
    odd.make_odd(cluster.dsn, with_traps=True)

    node = cluster.start(processes=2, environment=odd.ENVIRONMENT)
    cluster.verbs.run("update pgdispatch.schedule set next_run_at = now() - interval '20 minutes'")
    jobs = [cluster.job("nothing", title="日本", site="default") for _ in range(3)]
    failed = cluster.job("fail", max_attempts=1)
    wait_until(
        lambda: bool(cluster.verbs.rows("select from pgdispatch.job_history where task = %s", task))
    )

    assert [cluster.ended(job)["outcome"] for job in jobs] == ["succeeded"] * 3
    assert cluster.ended(failed)["outcome"] == "failed"
    assert cluster.verbs.values(
        "select distinct outcome from pgdispatch.job_history where task = %s", task
    ) == ["succeeded"]
    assert "Traceback" not in node.log
    assert "away" not in node.log
