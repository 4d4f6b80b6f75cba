"""What the tests of Tableau's clients share: one console, one node, two sites."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from pgdispatch.embedded import EmbeddedServer
from support.nodes.cluster import open_cluster
from support.servers.embedded import install_schema, made_database
from support.sessions.verbs import Verbs
from support.tableau.front import OPTIONS, Front, make_front_login
from support.web.console import give_roles, open_console


@pytest.fixture(scope="session")
def front(
    asking_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Front]:
    """Give a front with a node that runs what is started, and a site with something of each."""
    folder: Path = tmp_path_factory.mktemp("front")
    with made_database(asking_server, "front") as dsn:
        install_schema(dsn)
        with psycopg.connect(dsn, autocommit=True) as connection:
            furnish(Verbs(connection))
        give_roles(dsn)
        own = make_front_login(dsn)
        with open_cluster(dsn, folder) as cluster:
            cluster.start(backgrounders=3)
            with open_console(own, folder, *OPTIONS) as console:
                yield Front(console, cluster, folder)


def furnish(verbs: Verbs) -> None:
    """Give acme a task of each kind, and globex one."""
    for site in ("acme", "globex"):
        verbs.site(site)
    nightly = verbs.schedule("nightly", recurrence="daily at 02:30")
    shared = {"site": "acme", "schedule": nightly, "args": '{"do": "nothing"}'}
    verbs.task("full_extract", title="Sales, full", datasource="Sales", **shared)
    verbs.task("incremental_extract", title="Sales, new", datasource="Sales", **shared)
    blocked = {**shared, "args": '{"do": "block"}'}
    verbs.task("full_extract", title="Stock", datasource="Stock", **blocked)
    broken = {**shared, "args": '{"do": "fail"}'}
    verbs.task("full_extract", title="Broken", datasource="Broken", **broken)
    flows = [verbs.task("flow", title=title, **shared) for title in ("Clean", "Join")]
    verbs.task("subscription", title="Weekly <numbers>", **shared)
    linked = verbs.add("linked_task", site="acme", title="Both", schedule=nightly)
    for step, task in enumerate(flows, 1):
        verbs.add("linked_task_step", "step", linked_task=linked, step=step, task=task)
    verbs.task("full_extract", title="Theirs", datasource="Theirs", site="globex")
