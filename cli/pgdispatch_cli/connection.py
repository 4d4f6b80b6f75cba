"""The connection on which a command looks and changes."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import psycopg

from pgdispatch.database import session_settings
from pgdispatch.database.lenient_values import read_everything
from pgdispatch.schema.installed import check_installed
from pgdispatch_cli.options import given_reason, user_name
from pgdispatch_cli.statements import GIVE_REASON
from pgdispatch_cli.stderr import write_warning
from pgdispatch_cli.times import shown_zone


def connect(dsn: str, *, checked: bool, **options: Any) -> psycopg.Connection:
    """Return a psycopg connection to `dsn`, outside of a transaction.

    `checked` refuses a schema of another version (`SchemaMismatchError`), as far as this user may
    look at all. `options` go to `conninfo.connect`.
    """
    connection = session_settings.connect(
        dsn,
        fallback_application_name="pgdispatch",
        prepare_threshold=None,  # poolers hand the connection on
        **options,
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


def fix_transaction(connection: psycopg.Connection) -> None:
    """Fix the settings of a transaction that has just begun, perhaps behind a pooler.

    Transaction: joins the caller's, and lasts as long.
    """
    session_settings.fix_transaction(connection)
    use_local_zone(connection)
    name_user(connection)


def show_warning(notice: psycopg.errors.Diagnostic) -> None:
    """Pass on what the database warns of, such as too many backgrounders; no lesser notices."""
    if notice.severity_nonlocalized == "WARNING":
        write_warning(notice.message_primary or "", hint=notice.message_hint)


def name_user(connection: psycopg.Connection) -> None:
    """Say who is at the command, and why: changes note that beside the login, which many may share.

    Transaction: joins the caller's, and lasts as long.
    """
    connection.execute(session_settings.SAY_WHO, [user_name()])
    if (reason := given_reason()) is not None:
        connection.execute(GIVE_REASON, [reason])


def use_local_zone(connection: psycopg.Connection) -> None:
    """Let the database write out times in the zone in which the command shows them.

    Transaction: joins the caller's, and lasts as long.
    """
    with suppress(psycopg.Error), connection.transaction():
        connection.execute(session_settings.SET_LOCAL_ZONE, [shown_zone()])
