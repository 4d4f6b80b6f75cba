"""Producers in other languages: those of worker/PRODUCERS.md do what the page says.

A language that is not on this machine is left out. On the newest server only.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict

from pgdispatch.embedded import Binaries
from support.checkout import ROOT
from support.nodes.processes import wait_until
from support.registries import from_registry
from support.servers.tcp_proxy import open_proxy
from support.sessions.verbs import Verbs

PAGE = (ROOT / "worker" / "PRODUCERS.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```\w+\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
NAMED = re.compile(r"\A(?:.*\n)?(?:#|//) ([Pp]roducer\.\w+)$", re.MULTILINE)
PROGRAMS = {found[1]: block for block in BLOCKS if (found := NAMED.search(block))}
LOGIN = "pgdispatch_test_app"
DRIVER = Path("/usr/share/java/postgresql.jar")
PG = "pg@8.23.1"
Command = tuple[list[str], dict[str, str]]


@pytest.fixture
def app(verbs: Verbs) -> Iterator[Verbs]:
    """Give a database in which an application has a table, and a login that may insert jobs."""
    verbs.run("create table public.orders (number integer primary key)")
    verbs.run(f"create role {LOGIN} login in role pgdispatch_producer")
    verbs.run(f"grant insert on public.orders to {LOGIN}")
    yield verbs
    verbs.run(f"drop owned by {LOGIN}; drop role {LOGIN}")


def with_psql(binaries: Binaries) -> Command:
    """Run the script with the psql of the server."""
    return ["/bin/sh", "producer.sh"], {"PATH": f"{binaries.folder}:{os.environ['PATH']}"}


def with_node(_: Binaries) -> Command:
    """Run the program with Node.js, and its driver from npm's registry, kept for next time."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("this machine has no Node.js")
    options = ("--no-audit", "--no-fund", "--ignore-scripts")
    folder = from_registry(PG, [npm, "install", "--prefix", "FOLDER", *options, PG])
    return [node, "producer.js"], {"NODE_PATH": str(folder / "node_modules")}


def with_java(_: Binaries) -> Command:
    """Run the source with a JDK, and Debian's driver."""
    if shutil.which("javac") is None or not DRIVER.exists():
        pytest.skip("this machine has no JDK, or no JDBC driver")
    return ["java", "-cp", str(DRIVER), "Producer.java"], {}


def with_ruby(_: Binaries) -> Command:
    """Run the script with Ruby."""
    return having(["ruby", "-rpg", "-e", ""]), {}


def with_php(_: Binaries) -> Command:
    """Run the script with PHP."""
    return having(["php", "-r", "new ReflectionExtension('pdo_pgsql');"]), {}


def having(look: list[str]) -> list[str]:
    """Return how to run a script of a language, unless that or its driver is not there."""
    name = look[0]
    if (
        shutil.which(name) is None
        or subprocess.run(look, capture_output=True, check=False).returncode
    ):
        pytest.skip(f"this machine has no {name}, or no driver for it")
    (program,) = (one for one in PROGRAMS if one.endswith({"ruby": "rb", "php": "php"}[name]))
    return [name, program]


LANGUAGES: dict[str, Callable[[Binaries], Command]] = {
    "producer.sh": with_psql,
    "producer.js": with_node,
    "Producer.java": with_java,
    "producer.rb": with_ruby,
    "producer.php": with_php,
}


def test_the_page_has_a_program_for_each_language() -> None:
    """None escapes the test below."""
    assert list(PROGRAMS) == list(LANGUAGES)


@pytest.mark.parametrize("name", LANGUAGES)
@pytest.mark.usefixtures("newest_only")
def test_a_producer_does_what_the_page_says(
    name: str, app: Verbs, binaries: Binaries, database: str, tmp_path: Path
) -> None:
    """It inserts, in a batch and in a transaction, is refused, and waits for a result."""
    command, variables = LANGUAGES[name](binaries)
    (tmp_path / name).write_text(PROGRAMS[name], encoding="utf-8")
    with open_proxy(database) as proxy:
        where = conninfo_to_dict(proxy.dsn(database))
        url = f"jdbc:postgresql://{proxy.host}:{proxy.port}/{where['dbname']}?user={LOGIN}"
        with subprocess.Popen(
            [*command, *([url] if name.endswith("java") else [])],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=tmp_path,
            env={
                **os.environ,
                "PGHOST": proxy.host,
                "PGPORT": str(proxy.port),
                "PGDATABASE": str(where["dbname"]),
                "PGUSER": LOGIN,
                **variables,
            },
        ) as process:
            finish_first_job(app, process)
            said, complaints = process.communicate(timeout=60)

    job = app.value("select job from pgdispatch.background_task")
    assert said.splitlines() == [
        f"job {job}",
        "batch 2",
        "ordered 1",
        "refused JD001",
        'succeeded {"rows": 7}',
    ], complaints
    assert app.values("select number from public.orders") == [1]
    assert app.values("select title from pgdispatch.job order by id") == [
        "Stock low",
        "Stock high",
        "Order 1",
    ]
    assert app.row("select title, args from pgdispatch.job_history") == {
        "title": "It's Sales",
        "args": {"table": "sales"},
    }


def finish_first_job(app: Verbs, process: subprocess.Popen[str]) -> None:
    """Be a node that runs the job with arguments, once the program has inserted all of them."""
    count = "select count(*) from pgdispatch.job"
    wait_until(lambda: app.value(count) == 4 or process.poll() is not None)
    if process.poll() is None:
        app.run("select pgdispatch.finish(%s, 1, '{\"rows\": 7}')", app.claim())
