"""Write sql/REFERENCE.md from the comments of the schema."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import psycopg

from pgdispatch.schema.installer import install
from reference.page import PAGE, written
from support.servers.embedded import open_server


def main(arguments: Sequence[str] | None = None) -> int:
    """Install the schema on a server of our own, and write the page from it."""
    argparse.ArgumentParser(prog="python tests/reference", description=__doc__).parse_args(
        arguments
    )
    with open_server() as server:
        install(server.dsn())
        with psycopg.connect(server.dsn(), autocommit=True) as connection:
            PAGE.write_text(written(connection), encoding="utf-8")
    return 0
