"""Everything on one machine: an embedded server, the schema, the console, and one node.

Or, on a server that is there, all but the server.
"""

from __future__ import annotations

import logging
import os
import socket
from dataclasses import dataclass, replace
from pathlib import Path

from pgdispatch.embedded import EmbeddedServer, default_data_folder
from pgdispatch.host.processors import available_processors
from pgdispatch.node.options import SupervisorOptions
from pgdispatch.node.sd_notify import take_notifier
from pgdispatch.node.supervisor import serve as serve_node
from pgdispatch.schema.installer import install, provide
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

    `dsn` None: a server of one's own. `processes` is for the first time (None: up to two, with a
    `dsn` one); then the node's row says. `processors` None: those that this process may use.
    """

    dsn: str | None = None
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
    folder = options.data_folder or default_data_folder()
    if options.dsn is not None:
        provide(options.dsn)
        name = socket.gethostname()
        with beside(options.dsn, is_private=False) as where:
            logger.info("%s; it only looks: pgdispatch web lets people sign in", where)
            return serve_node(_node(options, options.dsn, name, folder), notifier=notifier)
    with EmbeddedServer(folder) as server:
        if server.has_database(DATABASE):
            logger.info("the data of last time is there")
        else:
            server.create_database(DATABASE)
            processors = options.processors or available_processors()
            options = replace(options, processes=options.processes or min(2, processors))
        dsn = server.dsn(DATABASE)
        install(dsn)
        logger.info("the server is up; look inside with: %s", server.psql_command(DATABASE))
        logger.info("try: insert into pgdispatch.job (type) values ('system');")
        logger.info("Ctrl-C stops everything; the data stays in %s", folder)
        node = _node(options, dsn, NODE, folder)
        with beside(dsn) as where:
            logger.info(where)
            return serve_node(node, notifier=notifier)


def _node(options: UpOptions, dsn: str, name: str, folder: Path) -> SupervisorOptions:
    apps = options.apps
    if not apps and options.config is None:
        apps = ("pgdispatch.handlers",)
        _provide_catalogue(folder)
    return SupervisorOptions(
        dsn=dsn,
        node=name,
        processes=options.processes,
        processors=options.processors or available_processors(),
        apps=apps,
        config=options.config,
    )


def _provide_catalogue(folder: Path) -> None:
    if "PGDISPATCH_CATALOGUE" in os.environ:
        return
    path = folder / "catalogue.toml"
    if not path.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_text(CATALOGUE, encoding="utf-8")
    logger.info("the node takes its definitions from %s", path)
    os.environ["PGDISPATCH_CATALOGUE"] = str(path)
