"""The files for containers: linted, pinned, and in step with one another."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from pgdispatch.embedded import Binaries
from pgdispatch.node import backgrounders, supervisor
from pgdispatch.node.options import SupervisorOptions
from pgdispatch.schema.installer import install
from support.checkout import ROOT
from support.servers.embedded import open_server

FOLDER = ROOT / "docker"
DOCKERFILE = FOLDER / "Dockerfile"
PINNED = re.compile(r":\d+\.\d+[\w.-]*@sha256:[0-9a-f]{64}$")
NODES = ("etl-1", "etl-2")


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    """Give the services of the compose file, as YAML reads them."""
    yaml = pytest.importorskip("yaml", reason="PyYAML is not installed")
    found: dict[str, Any] = yaml.safe_load((FOLDER / "compose.yaml").read_text("utf-8"))["services"]
    return found


def options(command: list[str]) -> dict[str, str]:
    """Return the options of a `worker` command line, written --name=value."""
    return {name: value for name, _, value in (word.partition("=") for word in command[1:])}


def seconds(text: str) -> int:
    """Return a duration of compose's, written in seconds."""
    return int(text.removesuffix("s"))


def test_dockerfile_is_clean() -> None:
    """hadolint, with the shell in it, finds nothing."""
    beside = Path(sys.executable).with_name("hadolint")
    found = str(beside) if beside.exists() else shutil.which("hadolint")
    if found is None:
        pytest.skip("hadolint is not installed")

    done = subprocess.run([found, str(DOCKERFILE)], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (0, "")


def test_bases_are_pinned(services: dict[str, Any]) -> None:
    """By version and digest: the same file makes the same image tomorrow."""
    base = re.search(r"^ARG BASE=(\S+)$", DOCKERFILE.read_text("utf-8"), re.MULTILINE)

    assert base is not None
    assert PINNED.search(base[1])
    assert PINNED.search(services["database"]["image"])


def test_image_runs_as_an_ordinary_user_in_its_last_stage() -> None:
    """A number, so that Kubernetes can see that it is not root."""
    last = DOCKERFILE.read_text("utf-8").rpartition("\nFROM ")[2]

    assert re.findall(r"^USER (.*)$", last, re.MULTILINE) == ["10001:10001"]


def test_the_health_check_asks_for_the_node_and_not_for_its_database() -> None:
    """What obeys it would end jobs that would have gone on."""
    said = re.findall(r"PGDISPATCH_HEALTH=(\S+)", DOCKERFILE.read_text("utf-8"))

    assert said == ["http://127.0.0.1:8050/livez"]


def test_builder_sees_only_what_is_built() -> None:
    """Every path that is copied is let through by .dockerignore, and nothing else is."""
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE.read_text("utf-8"), re.MULTILINE)
    lines = (FOLDER.parent / ".dockerignore").read_text("utf-8").splitlines()
    let_through = {line.removeprefix("!") for line in lines if line.startswith("!")}

    assert {path for line in copied for path in line.split()} == let_through
    assert "*" in lines


def test_database_is_postgresql_18_with_its_data_kept(services: dict[str, Any]) -> None:
    """From 18 on the volume belongs above the folder of the major version."""
    database = services["database"]

    assert "/postgres:18." in database["image"]
    assert "database:/var/lib/postgresql" in database["volumes"]
    assert "--host=127.0.0.1" in database["healthcheck"]["test"]


def test_schema_is_installed_once_before_the_nodes_start(services: dict[str, Any]) -> None:
    """Database healthy, then install to its end, then the nodes."""
    install = services["install"]

    assert install["command"] == ["install"]
    assert install["restart"] == "no"
    assert install["depends_on"] == {"database": {"condition": "service_healthy"}}
    for name in NODES:
        waits = services[name]["depends_on"]
        assert waits == {"install": {"condition": "service_completed_successfully"}}


@pytest.mark.parametrize("name", NODES)
def test_node_may_finish_its_drain(services: dict[str, Any], name: str) -> None:
    """Docker waits longer than the grace, the time to obey and the last report."""
    node = services[name]
    grace = float(options(node["command"])["--grace"])

    drain = grace + backgrounders.STOP_GRACE + supervisor.LAST_WORDS
    assert seconds(node["stop_grace_period"]) >= drain + 10


def test_without_options_a_node_has_drained_before_docker_stop_kills_it() -> None:
    """That waits 10 s, and Kubernetes 30; a second is for the last report."""
    grace = SupervisorOptions(dsn="", node="n").grace

    assert grace + backgrounders.STOP_GRACE + 1 < 10


@pytest.mark.parametrize("name", NODES)
def test_node_has_its_own_name_and_few_rights(services: dict[str, Any], name: str) -> None:
    """It logs in as a worker, and the container can do little."""
    node = services[name]

    assert options(node["command"])["--node"] == name
    assert node["environment"]["PGUSER"] == "etl_node"
    assert node["read_only"] is True
    assert node["cap_drop"] == ["ALL"]
    assert "init" not in node  # programs could read its environment
    assert (
        int(options(node["command"])["--backgrounders"]) <= 2
    )  # or a small machine cannot start it


def test_the_console_has_no_login_of_its_own(services: dict[str, Any]) -> None:
    """People bring theirs; and it is asked by the names of this machine alone."""
    web = services["web"]
    names = [word for word in web["command"] if word.startswith("--host=")]

    assert web["command"][0] == "web"
    assert {"PGUSER", "PGPASSWORD"} & set(web["environment"]) == set()
    assert names == ["--host=localhost", "--host=127.0.0.1"]
    assert web["ports"] == ["127.0.0.1:8060:8060"]
    assert web["volumes"] == []


def test_the_image_has_what_a_node_and_the_console_need() -> None:
    """Whatever else it brings along."""
    synced = re.findall(r"^RUN .*uv sync (.*)$", DOCKERFILE.read_text("utf-8"), re.MULTILINE)

    assert len(synced) == 2
    for extra in ("node", "web", "binary"):
        assert all(f"--extra {extra} " in words for words in synced)


def test_ports_are_on_loopback_only(services: dict[str, Any]) -> None:
    """What is published is for this machine, unless somebody says otherwise."""
    published = [port for service in services.values() for port in service.get("ports", [])]

    assert published
    assert all(port.startswith("127.0.0.1:") for port in published)


def test_no_secret_has_a_default() -> None:
    """Each must be set in .env, whose example names all that compose asks for, and no value."""
    text = (FOLDER / "compose.yaml").read_text("utf-8")
    example = (FOLDER / ".env.example").read_text("utf-8")
    asked = set(re.findall(r"\$\{(\w+)", text))
    named = dict(re.findall(r"^(\w+)=(.*)$", example, re.MULTILINE))

    assert asked == set(named)
    assert {name for name in asked if "PASSWORD" in name} == {"POSTGRES_PASSWORD", "NODE_PASSWORD"}
    assert all(named[name] == "" for name in named if "PASSWORD" in name)
    assert set(re.findall(r"PASSWORD:([^?]?)", text)) <= {"", " "}


@pytest.mark.usefixtures("newest_only")
def test_login_of_the_nodes_may_do_what_a_worker_may(binaries: Binaries) -> None:
    """The script that the database's first start runs; `install` then finds the role there."""
    with open_server(binaries) as server:
        where = conninfo_to_dict(server.dsn())
        run_at_first_start(FOLDER / "node_login.sh", binaries, where, NODE_PASSWORD="it's")
        install(server.dsn())
        node = make_conninfo(server.dsn(), user="etl_node")
        with psycopg.connect(server.dsn()) as owner, psycopg.connect(node) as session:
            found = owner.execute(
                "select rolpassword from pg_authid where rolname = 'etl_node'"
            ).fetchall()
            session.execute("select pgdispatch.declare_lost('etl-1')")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                session.execute("insert into pgdispatch.job (type) values ('system')")

    assert str(found[0][0]).startswith("SCRAM-SHA-256$")


def run_at_first_start(
    script: Path, binaries: Binaries, where: Mapping[str, Any], **environment: str
) -> None:
    """Run a script as the entry point of PostgreSQL's image does."""
    known = {
        "PATH": f"{binaries.folder}:{os.environ['PATH']}",
        "PGHOST": str(where["host"]),
        "PGPORT": str(where["port"]),
        "POSTGRES_USER": str(where["user"]),
        "POSTGRES_DB": str(where["dbname"]),
    }
    subprocess.run([str(script)], env={**known, **environment}, check=True, timeout=60)
