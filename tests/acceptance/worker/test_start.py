"""A worker that cannot serve says why and what to do; one that serves keeps its secrets.

On the newest server only, to save time.
"""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import pytest
from psycopg.conninfo import make_conninfo

from pgdispatch.host.procfs import command_line
from support.nodes.cluster import Cluster, open_cluster
from support.nodes.processes import wait_until

pytestmark = pytest.mark.usefixtures("newest_only")


def test_an_unknown_application_is_refused(cluster: Cluster) -> None:
    """Exit status 2, the reason, a hint, and no traceback."""
    node = cluster.start(app="no_such_module")

    assert node.exit_status() == 2
    assert "error: cannot load the application no_such_module: ModuleNotFoundError: No" in node.log
    assert "hint: name a module that can be imported from here" in node.log
    assert "Traceback" not in node.log
    assert node.family() == set()


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("raise SystemExit(0)", "SystemExit: 0"),
        ("def (", "SyntaxError: "),
        ("raise ValueError('\U0001f525' * 100_000)", "ValueError: "),
    ],
)
def test_a_module_that_cannot_be_imported_is_refused(
    cluster: Cluster, code: str, said: str
) -> None:
    """Whatever it raises, and however long its text is."""
    (cluster.folder / "broken.py").write_text(code)
    node = cluster.start(app="broken")

    assert node.exit_status() == 2
    assert f"error: cannot load the application broken: {said}" in node.log
    assert "Traceback" not in node.log


def test_a_node_without_handlers_is_refused(cluster: Cluster) -> None:
    """Neither application nor configuration file."""
    node = cluster.start(app=None)

    assert node.exit_status() == 2
    assert "error: this node has no handlers" in node.log
    assert "hint: name some with --app MODULE or --config FILE" in node.log


def test_an_application_without_the_wanted_types_is_refused(cluster: Cluster) -> None:
    """A node that could never run anything does not start."""
    (cluster.folder / "only_flows.py").write_text(
        "from pgdispatch import Handlers\n"
        "handlers = Handlers()\n"
        "handlers.add('flow', print)\n"
    )  # fmt: skip
    node = cluster.start(app="only_flows", types="alert,system")

    assert node.exit_status() == 2
    assert "error: this node has no handler for alert, system" in node.log


def test_a_type_that_does_not_exist_is_refused(cluster: Cluster) -> None:
    """By the database, which knows the types."""
    node = cluster.start(types="flaw")

    assert node.exit_status() == 2
    assert "error: " in node.log
    assert "flaw" in node.log
    assert "Traceback" not in node.log


def test_a_database_without_the_schema_is_refused(empty_database: str, tmp_path: Path) -> None:
    """Exit status 4 and the command that installs it."""
    with open_cluster(empty_database, tmp_path) as cluster:
        node = cluster.start()

        assert node.exit_status() == 4
        assert "hint: run: pgdispatch install" in node.log
        assert "Traceback" not in node.log


def test_nodes_that_install_first_start_beside_each_other(
    empty_database: str, tmp_path: Path
) -> None:
    """In a database without the schema; once it is newer than they are, they leave it as it is."""
    with open_cluster(empty_database, tmp_path) as cluster:
        nodes = [cluster.start(name, more=["--install"]) for name in ("n", "m")]
        wait_until(lambda: all("serves" in node.log for node in nodes))
        job = cluster.job("nothing")
        wait_until(lambda: cluster.verbs.values("select id from pgdispatch.job_history") == [job])
        cluster.verbs.run(
            "update pgdispatch.schema_version set digest = 'x', package_version = '99.0.0'"
        )

        third = cluster.start("k", more=["--install"])
        wait_until(lambda: "serves" in third.log)

        assert "nothing was installed: the schema pgdispatch is newer than this" in third.log
        assert cluster.verbs.values("select name from pgdispatch.node order by 1") == [*"kmn"]


def test_a_schema_of_another_version_is_refused(cluster: Cluster) -> None:
    """Exit status 4 and the command that installs it; no process was started."""
    cluster.verbs.run("update pgdispatch.schema_version set level = 1, oldest_level = 1")

    node = cluster.start()

    assert node.exit_status() == 4
    assert "error: the schema pgdispatch is older than this version" in node.log
    assert "hint: run: pgdispatch install" in node.log
    assert cluster.verbs.rows("select from pgdispatch.node") == []


def test_a_database_that_is_not_there_is_refused(cluster: Cluster) -> None:
    """Exit status 3."""
    node = cluster.start(dsn=f"host={cluster.folder} dbname=nowhere connect_timeout=2")

    assert node.exit_status() == 3
    assert "error: " in node.log
    assert "Traceback" not in node.log


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        ({"dbname": "no_such_database"}, 'database "no_such_database" does not exist'),
        ({"user": "no_such_role"}, 'role "no_such_role" does not exist'),
        ({"user": "pgdispatch_test_stranger"}, "permission denied for schema pgdispatch"),
    ],
)
def test_a_login_that_is_wrong_is_not_tried_again(
    cluster: Cluster, change: dict[str, str], detail: str
) -> None:
    """Exit status 2: the service manager leaves it at that."""
    cluster.verbs.run("create role pgdispatch_test_stranger login")
    node = cluster.start(dsn=make_conninfo(cluster.dsn, **change))
    status = node.exit_status()
    cluster.verbs.run("drop role pgdispatch_test_stranger")

    assert status == 2
    assert "error: the database does not let this node in" in node.log
    assert f"detail: {detail}" in node.log


@pytest.mark.parametrize(
    ("text", "said"),
    [("memory = ", "is not TOML"), ("memory = 'much'", "memory"), ("[handler.flow]", "needs")],
)
def test_a_configuration_file_that_is_wrong_is_not_tried_again(
    cluster: Cluster, text: str, said: str
) -> None:
    """Exit status 2, whichever process reads it."""
    (cluster.folder / "node.toml").write_text(text)
    node = cluster.start(app=None, config="node.toml")

    assert node.exit_status() == 2
    assert said in node.log
    assert "Traceback" not in node.log


@pytest.mark.parametrize(
    "wrong",
    [{"processes": 3, "processors": 2}, {"name": "no node"}, {"listen": "nowhere"}],
    ids=str,
)
def test_what_a_node_is_told_and_cannot_be_is_not_tried_again(
    cluster: Cluster, wrong: dict[str, Any]
) -> None:
    """Exit status 2."""
    node = cluster.start(**wrong)

    assert node.exit_status() == 2
    assert "error: " in node.log


def test_the_number_of_a_node_is_the_administrators_from_its_first_start_on(
    cluster: Cluster,
) -> None:
    """What a unit says with --backgrounders is for a new node; the log says so."""
    first = cluster.start(processes=1)
    cluster.up("n:1")
    cluster.verbs.run("update pgdispatch.node set backgrounders = 2")
    cluster.up("n:2")
    first.send(signal.SIGTERM)
    first.exit_status()

    again = cluster.start(processes=1)
    cluster.up("n:2")

    assert (
        "n: runs 2 backgrounders, as it is set to; --backgrounders 1 is for a new node" in again.log
    )
    assert "pgdispatch node change n --backgrounders 1" in again.log
    assert "as it is set to" not in first.log


def test_a_second_supervisor_of_a_name_waits_until_the_first_has_stopped(
    cluster: Cluster,
) -> None:
    """It runs nothing meanwhile, and serves then."""
    first = cluster.start(processes=1)
    cluster.up("n:1")
    second = cluster.start(processes=1)
    wait_until(lambda: "node n already has a live supervisor" in second.log)
    pid = cluster.verbs.value("select pid from pgdispatch.node")
    early = cluster.ended(cluster.job("nothing"))

    first.send(signal.SIGTERM)
    first_status = first.exit_status()
    late = cluster.ended(cluster.job("nothing"))

    assert (pid, first_status) == (first.process.pid, 0)
    assert (early["outcome"], late["outcome"]) == ("succeeded", "succeeded")
    assert cluster.verbs.value("select pid from pgdispatch.node") == second.process.pid


def test_a_service_of_libpq_may_name_the_database(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All processes of the node find it there."""
    services = cluster.folder / "services.conf"
    services.write_text("[jobs]\n" + cluster.dsn.replace(" ", "\n"))
    monkeypatch.setenv("PGSERVICEFILE", str(services))

    cluster.start(dsn="service=jobs")

    assert cluster.ended(cluster.job("nothing"))["outcome"] == "succeeded"


def test_the_password_is_on_no_command_line(cluster: Cluster) -> None:
    """Neither the supervisor's, nor a backgrounder's, nor that of what a handler starts."""
    job = cluster.job("parent")
    node = cluster.start(dsn=f"{cluster.dsn} password=sesame sslmode=prefer")
    cluster.running(job)
    cluster.children(job)

    lines = [command_line(pid) for pid in node.family()]

    assert len(lines) == 5
    assert not [line for line in lines if "sesame" in line]
    assert "sesame" not in node.log
