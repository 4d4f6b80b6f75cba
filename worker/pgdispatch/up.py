"""Everything on one machine: an embedded server, the schema, the console, and one node."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from pathlib import Path

from pgdispatch.embedded import EmbeddedServer, default_data_folder
from pgdispatch.host.processors import available_processors
from pgdispatch.node.options import SupervisorOptions
from pgdispatch.node.sd_notify import take_notifier
from pgdispatch.node.supervisor import serve as serve_node
from pgdispatch.schema.installer import install
from pgdispatch.web.console.beside import beside

logger = logging.getLogger("pgdispatch")

DATABASE = "pgdispatch"
NODE = "local"
CATALOGUE = """\
# What the jobs of this node may work on. The docstring of pgdispatch.handlers.catalogue shows
# all there is: sources, extracts, flows, alerts, subscriptions, mail.
[storage]
folder = "files"
"""


@dataclass(frozen=True)
class UpOptions:
    """What `pgdispatch up` was told.

    `processes` is for the first time (None: up to two); then the node's row says. `processors`
    None: those that this process may use.
    """

    data_folder: Path | None = None
    processes: int | None = None
    processors: int | None = None
    apps: tuple[str, ...] = ()
    config: Path | None = None


def serve(options: UpOptions) -> int:
    """Start the server, install the schema and run one node until a signal stops them all.

    Without apps and configuration the node runs the ready-made handlers with a catalogue in the
    data folder, made if it is not there. The data stays for the next time. Raises
    `PgdispatchError` if the server or the node cannot start.
    """
    notifier = take_notifier()  # before the server starts, which would notify too
    processors = options.processors or available_processors()
    folder = options.data_folder or default_data_folder()
    with EmbeddedServer(folder) as server:
        processes = options.processes
        if server.has_database(DATABASE):
            logger.info("the data of last time is there")
        else:
            server.create_database(DATABASE)
            processes = options.processes or min(2, processors)
        dsn = server.dsn(DATABASE)
        install(dsn)
        logger.info("the server is up; look inside with: %s", server.psql_command(DATABASE))
        logger.info("try: insert into pgdispatch.job (type) values ('system');")
        logger.info("Ctrl-C stops everything; the data stays in %s", folder)
        apps = options.apps
        if not apps and options.config is None:
            apps = ("pgdispatch.handlers",)
            _provide_catalogue(folder)
        node = SupervisorOptions(
            dsn=dsn,
            node=NODE,
            processes=processes,
            processors=processors,
            apps=apps,
            config=options.config,
        )
        with beside(dsn) as where:
            logger.info(where)
            return serve_node(node, notifier=notifier)


def _provide_catalogue(folder: Path) -> None:
    if "PGDISPATCH_CATALOGUE" in os.environ:
        return
    path = folder / "catalogue.toml"
    if not path.exists():
        path.write_text(CATALOGUE, encoding="utf-8")
    logger.info("the node takes its definitions from %s", path)
    os.environ["PGDISPATCH_CATALOGUE"] = str(path)
