"""A password of the database is in no command line, log, table, metric or page of a node.

On the newest server only, to save time.
"""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from pgdispatch.host.procfs import command_line
from support.cli.command import COMMAND, command_environment, run_command
from support.nodes.cluster import Cluster
from support.nodes.http import address_of, ask, metrics_once
from support.nodes.node import POWERLESS, Node
from support.nodes.processes import environment, wait_until
from support.servers.embedded import Connect

pytestmark = pytest.mark.usefixtures("newest_only")

SECRET = "sesame"  # noqa: S105  # what must not be found
PROGRAMS = """
[handler.printing]
program = ["sh", "-c", "env; exit 3"]
"""
PASSING = """
[handler.printing]
program = ["sh", "-c", "echo $ETL_PASSWORD; echo $MODE"]
pass_env = ["ETL_PASSWORD"]
env = {MODE = "all"}
"""
SPY = """#!{python}
import json, os, sys
def seen(pid):
    found = []
    for name in ("environ", "fd/0", "maps", "mem"):
        path = f"/proc/{{pid}}/{{name}}"
        try:
            os.readlink(path) if name == "fd/0" else open(path, "rb").close()
            found.append(name)
        except PermissionError:
            pass
    return found
who = json.load(sys.stdin)["args"]["who"]
print(json.dumps({{"self": seen("self"), **{{pid: seen(pid) for pid in who}}}}))
"""
RELATIONS = """
select relname from pg_class
where relnamespace = 'pgdispatch'::regnamespace and relkind in ('r', 'p', 'v')
"""
WAITING = """
select from pg_stat_activity
where application_name = 'pgdispatch n turns' and wait_event_type = 'Lock'
"""
CUT = """
select pg_terminate_backend(pid) from pg_stat_activity
where starts_with(application_name, 'pgdispatch') and pid <> pg_backend_pid()
"""


def command_lines(node: Node) -> list[str]:
    """Return what `ps` shows of each process that a node has started."""
    return [command_line(pid) for pid in sorted(node.family())]


def tables(cluster: Cluster) -> str:
    """Return all rows of all tables and views, and how the sessions call themselves."""
    parts = [
        cluster.verbs.values(f"select x::text from pgdispatch.{relation} as x")
        for relation in cluster.verbs.values(RELATIONS)
    ]
    sessions = cluster.verbs.values("select application_name || query from pg_stat_activity")
    return str([*parts, sessions])


@pytest.mark.parametrize("form", ["--dsn", "environment"])
def test_a_node_keeps_its_password_to_itself(
    cluster: Cluster, connect: Connect, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when its connections are cut, and handlers fail or write their environment.

    The environment holds it twice, in PGPASSWORD and in PGDISPATCH_DSN.
    """
    cluster.verbs.run("insert into pgdispatch.job_type (name) values ('printing')")
    config = cluster.folder / "node.toml"
    config.write_text(PROGRAMS)
    secret = f"{cluster.dsn} password={SECRET}"
    if form == "environment":
        monkeypatch.setenv("PGPASSWORD", SECRET)
    node = cluster.start(
        dsn=secret if form == "environment" else None,
        more=["--dsn", secret] if form == "--dsn" else [],
        config=config,
    )
    address = address_of(cluster)
    printed = cluster.ended(cluster.verbs.job("printing"))
    cluster.ended(cluster.job("fail"))
    running = cluster.job("report")
    cluster.running(running)
    lines = command_lines(node)
    holder = connect(cluster.dsn)
    holder.execute("begin; lock table pgdispatch.job in access exclusive mode")
    cluster.release(running)
    wait_until(lambda: bool(cluster.verbs.rows(WAITING)))
    cluster.verbs.rows(CUT)
    holder.execute("commit")
    cluster.ended(running)
    wait_until(lambda: "the database is away" in node.log)
    metrics = metrics_once(address, "pgdispatch_jobs_finished_total", 3)

    assert "PATH=" in printed["log"]
    assert "PGDISPATCH_DSN" not in printed["log"]
    assert len(lines) == 3
    assert SECRET not in str(lines)
    assert SECRET not in node.log
    assert SECRET not in tables(cluster)
    assert SECRET not in metrics.text
    for page in ("/", "/livez", "/healthz", "/readyz"):
        assert SECRET not in ask(address, page).text


def test_a_program_cannot_look_into_the_processes_of_its_node(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It runs under their account, here without the power of root; into itself it may look.

    Nor is anything to be seen in the environment that they were started with, before they hide.
    """
    monkeypatch.setenv("PGPASSWORD", SECRET)
    monkeypatch.setenv("ETL_PASSWORD", SECRET)
    cluster.verbs.run("insert into pgdispatch.job_type (name) values ('spying')")
    spy = cluster.folder / "spy"
    spy.write_text(SPY.format(python=sys.executable))
    spy.chmod(0o755)
    config = cluster.folder / "node.toml"
    config.write_text(f'[handler.spying]\nprogram = ["{spy}"]\n')
    node = cluster.start(config=config, inside=POWERLESS, app="support.nodes.node_app")
    cluster.up("n:1")
    address_of(cluster)
    others = sorted(node.family())

    seen = json.loads(
        cluster.ended(cluster.verbs.job("spying", args=f'{{"who": {others}}}'))["log"]
    )

    assert len(others) == 3
    assert seen["self"] == ["environ", "fd/0", "maps", "mem"]
    assert {pid: seen[str(pid)] for pid in others} == {pid: [] for pid in others}
    children = set(others) - {node.process.pid}
    started_with = [environment(pid) for pid in children]
    assert all(started_with)
    assert SECRET.encode() not in b"".join(started_with)


def test_a_handler_still_has_the_whole_environment(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may need passwords of its own; a program gets those that its configuration names."""
    monkeypatch.setenv("ETL_PASSWORD", SECRET)
    cluster.verbs.run("insert into pgdispatch.job_type (name) values ('printing')")
    config = cluster.folder / "node.toml"
    config.write_text(PASSING)
    cluster.start(config=config, app="support.nodes.node_app")

    shown = cluster.ended(cluster.job("environment"))["result"]
    printed = cluster.ended(cluster.verbs.job("printing"))["log"]

    assert shown["ETL_PASSWORD"] == SECRET
    assert printed.splitlines() == [SECRET, "all"]


@pytest.mark.parametrize("form", ["script", "module"])
def test_a_command_takes_a_password_off_its_command_line(cluster: Cluster, form: str) -> None:
    """A command that waits, so that one can look: for a lock that the test holds."""
    start = [str(COMMAND)] if form == "script" else [sys.executable, "-m", "pgdispatch_cli"]
    secret = f"{cluster.dsn} password={SECRET}"
    with cluster.verbs.connection.transaction(force_rollback=True):
        cluster.verbs.run("lock table pgdispatch.setting")
        process = subprocess.Popen(
            [*start, "setting", f"--dsn={secret}", "set", "tie_break", "created"],
            env=command_environment(None),
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        wait_until(lambda: bool(cluster.verbs.values("select pid from pg_locks where not granted")))

        line = command_line(process.pid)

    assert SECRET not in line
    assert line.endswith("setting\0set\0tie_break\0created")
    assert process.communicate(timeout=20)[0] == "setting tie_break is created\n"


def test_an_argument_that_only_looks_like_the_option_stays(cluster: Cluster) -> None:
    """What stands after a lone -- is no option; the last of several counts."""
    done = run_command(
        None,
        *("--dsn", f"host=nowhere password={SECRET}", "setting", "set"),
        *("--dsn", f"{cluster.dsn} password={SECRET}", "--", "--dsn", "password=x"),
    )

    assert done.status == 1
    assert "setting --dsn does not exist" in done.err
