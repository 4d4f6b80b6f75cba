"""The connection on which a command looks and changes: SQLAlchemy Core's, over psycopg."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg
from sqlalchemy import Connection, NullPool, create_engine, event

from pgdispatch.database import session_settings
from pgdispatch.schema.installed import check_installed
from pgdispatch_cli.connecting import target
from pgdispatch_cli.reading import read_everything
from pgdispatch_cli.stderr import write_warning
from pgdispatch_cli.times import shown_zone


@contextmanager
def database(*, checked: bool = True) -> Iterator[Connection]:
    """Open a connection to the target; commit at the end, roll back on an error.

    `checked` refuses a schema of another version (`SchemaMismatchError`), as far as this user may
    look at all.

    Transaction: on a connection of its own; a command may commit in between.
    """
    dsn = target().dsn
    engine = create_engine(
        "postgresql+psycopg://",
        creator=lambda: connect(dsn, checked=checked),
        poolclass=NullPool,
        use_native_hstore=False,
    )
    event.listen(engine, "begin", fix_transaction)
    with engine.connect() as connection:
        yield connection
        connection.commit()


def connect(dsn: str, *, checked: bool) -> psycopg.Connection:
    """Return a psycopg connection to `dsn`, outside of a transaction."""
    connection = session_settings.connect(
        dsn,
        fallback_application_name="pgdispatch",
        prepare_threshold=None,  # poolers hand the connection on
    )
    connection.add_notice_handler(show_warning)
    read_everything(connection)
    try:
        if checked:
            check_installed(connection)
    except psycopg.errors.InsufficientPrivilege:
        pass  # a producer may insert but not look: what does not fit shows when it is used
    except BaseException:
        connection.close()
        raise
    connection.rollback()
    return connection


def fix_transaction(connection: Connection) -> None:
    """Fix the settings of a transaction that has just begun, perhaps behind a pooler.

    Transaction: joins the caller's, and lasts as long.
    """
    driver = connection.connection.driver_connection
    if isinstance(driver, psycopg.Connection):
        session_settings.fix_transaction(driver)
        use_local_zone(driver)


def show_warning(notice: psycopg.errors.Diagnostic) -> None:
    """Pass on what the database warns of, such as too many backgrounders; no lesser notices."""
    if notice.severity_nonlocalized == "WARNING":
        write_warning(notice.message_primary or "", hint=notice.message_hint)


def use_local_zone(connection: psycopg.Connection) -> None:
    """Let the database write out times in the zone in which the command shows them.

    Transaction: joins the caller's, and lasts as long.
    """
    with suppress(psycopg.Error), connection.transaction():
        connection.execute(session_settings.SET_LOCAL_ZONE, [shown_zone()])
