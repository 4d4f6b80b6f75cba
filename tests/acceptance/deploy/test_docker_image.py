"""The image: built from the Dockerfile with buildah, and run against a server.

It takes minutes and fetches packages, so it runs only when it is asked for:
PGDISPATCH_TEST_IMAGE=1 pytest tests/acceptance/deploy/test_docker_image.py
"""

from __future__ import annotations

import os
import signal
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from support.image.image import Image, build_image, leader_of, missing_tools, remove_images
from support.image.port import free_port, loopback
from support.nodes.node import Node
from support.nodes.processes import wait_until

pytestmark = [
    pytest.mark.skipif(
        not os.environ.get("PGDISPATCH_TEST_IMAGE"),
        reason="builds an image, which takes minutes: set PGDISPATCH_TEST_IMAGE=1",
    ),
    pytest.mark.skipif(bool(missing_tools()), reason=f"needs {', '.join(missing_tools())}"),
    pytest.mark.timeout(900),
]
NAMES = ("etl-1", "etl-2")
LOGIN = "image_node"
CONFIG = '[handler.system]\nprogram = ["sh", "-c", "sleep 0.1; cat"]\n'
INSERT = """insert into pgdispatch.job (type, args)
    select 'system', '{"part": 1}' from generate_series(1, 40)"""
ENDED = """select outcome, split_part(backgrounder, ':', 1), bool_and(log like '%part%')
    from pgdispatch.job_history group by 1, 2 order by 2"""
MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Box:
    """The image on one database."""

    image: Image
    folder: Path
    dsn: str
    session: psycopg.Connection

    def configure(self, text: str) -> None:
        """Write the configuration of the nodes, where the image's user can read it."""
        folder = self.folder / "config"
        folder.mkdir(mode=0o755)
        (folder / "node.toml").write_text(text)

    def start(self, name: str) -> Started:
        """Start `pgdispatch worker` as node `name`, as the login, on a port of its own."""
        address = f"127.0.0.1:{free_port()}"
        command = f"pgdispatch worker --node {name} --listen {address} --config /config/node.toml"
        return Started(self.run(make_conninfo(self.dsn, user=LOGIN), *command.split()), address)

    def status_of(self, dsn: str, *command: str, **environment: str) -> int:
        """Run a command in a container of the image and return its exit status."""
        return self.run(dsn, *command, **environment).exit_status(60)

    def wait_for(self, rows: int, table: str) -> None:
        """Wait until a table of ours has so many rows; a failure shows what was written."""
        count = f"select count(*) from pgdispatch.{table}"
        try:
            wait_until(lambda: self.session.execute(count).fetchone() == (rows,), within=60)
        except TimeoutError:
            said = [log.read_text() for log in sorted(self.folder.glob("*.log"))]
            pytest.fail("\n".join(said))

    def run(self, dsn: str, *command: str, **environment: str) -> Node:
        """Start a command in a container of the image."""
        return self.image.run(
            *command,
            volumes={self.folder / "config": "/config"},
            log_file=self.folder / f"{uuid.uuid4().hex}.log",
            PGDISPATCH_DSN=dsn,
            **environment,
        )


@dataclass(frozen=True)
class Started:
    """A node in a container, and where it answers."""

    processes: Node
    address: str

    def is_healthy(self, box: Box) -> bool:
        """Tell what the image's own health check says."""
        check = [str(word) for word in box.image.facts()["Healthcheck"]["Test"][1:]]
        url = f"http://{self.address}/livez"
        return box.status_of(box.dsn, *check, PGDISPATCH_HEALTH=url) == 0

    def wait_until_healthy(self, box: Box) -> None:
        """Wait as docker does: check again until the check holds."""
        wait_until(lambda: self.is_healthy(box), within=60)


@pytest.fixture(scope="module")
def image() -> Iterator[Image]:
    """Give the image, built for this module."""
    folder = Path(tempfile.mkdtemp(prefix="pgdispatch-image-", dir="/var/tmp"))
    try:
        yield build_image(folder)
    finally:
        remove_images(folder)


def test_image_is_small_and_runs_as_nobody_in_particular(image: Image) -> None:
    """An ordinary user by number, the command as entry point, labels; 100 MB above its base."""
    facts = image.facts()

    assert facts["User"] == "10001:10001"
    assert facts["Entrypoint"] == ["pgdispatch"]
    assert facts["Labels"]["org.opencontainers.image.title"] == "pgdispatch"
    assert image.added_bytes() < 100 * MEGABYTE


@pytest.fixture
def box(image: Image, empty_database: str, tmp_path: Path) -> Iterator[Box]:
    """Give the image on an empty database, and a login for the nodes."""
    with loopback(empty_database) as dsn, psycopg.connect(dsn, autocommit=True) as session:
        session.execute(f"create role {LOGIN} login")
        try:
            yield Box(image, tmp_path, dsn, session)
        finally:
            session.execute(f"drop owned by {LOGIN}; drop role {LOGIN}")


@pytest.mark.usefixtures("newest_only")
def test_nodes_from_the_image_share_the_work_of_a_schema_that_it_installed(box: Box) -> None:
    """`install`, two workers with a health check, jobs done by both, and a drain on SIGTERM."""
    box.configure(CONFIG)
    assert box.status_of(box.dsn, "pgdispatch", "install") == 0
    box.session.execute(f"grant pgdispatch_worker to {LOGIN}")
    nodes = [box.start(name) for name in NAMES]
    try:
        box.wait_for(2, "backgrounder")
        box.session.execute(INSERT)
        box.wait_for(40, "job_history")
        for node in nodes:
            node.wait_until_healthy(box)
            os.kill(leader_of(node.processes), signal.SIGTERM)
            assert node.processes.exit_status(60) == 0, node.processes.log
            assert not node.is_healthy(box)
    finally:
        left = [node.processes.stop() for node in nodes]
    ended = box.session.execute(ENDED).fetchall()

    assert left == [set(), set()]
    assert ended == [("succeeded", name, True) for name in NAMES]
