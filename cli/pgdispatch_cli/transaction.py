"""The transaction in which a command changes something: SQLAlchemy Core's, over psycopg."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy import Connection, NullPool, create_engine, event

from pgdispatch_cli.connecting import target
from pgdispatch_cli.connection import connect, fix_transaction


@contextmanager
def database(*, checked: bool = True) -> Iterator[Connection]:
    """Open a connection to the target; commit at the end, roll back on an error.

    `checked` is as in `connect`.

    Transaction: on a connection of its own; a command may commit in between.
    """
    dsn = target().dsn
    engine = create_engine(
        "postgresql+psycopg://",
        creator=lambda: connect(dsn, checked=checked),
        poolclass=NullPool,
        pool_reset_on_return=None,  # what is closed is rolled back; one that is lost cannot be
        use_native_hstore=False,
    )
    event.listen(engine, "begin", begin)
    with engine.connect() as connection:
        yield connection
        connection.commit()


def begin(connection: Connection) -> None:
    """Fix the settings of a transaction that has just begun.

    Transaction: joins the caller's, and lasts as long.
    """
    driver = connection.connection.driver_connection
    if isinstance(driver, psycopg.Connection):
        fix_transaction(driver)
