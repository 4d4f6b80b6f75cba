"""What is configured in a database."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from typing import Any

import psycopg
from psycopg.rows import dict_row

from pgdispatch import delivery
from pgdispatch.errors import ConfinedError, NotFoundError
from pgdispatch_cli.estate import statements as sql
from pgdispatch_cli.estate.kinds import (
    CALENDAR,
    CONTRACT,
    GRANT,
    GRANT_COLUMNS,
    JOB_TYPE,
    KINDS,
    LINKED_TASK,
    NODE,
    REFERENCES,
    SCHEDULE,
    SETTING,
    SITE,
    TASK,
    Column,
    Columns,
    Estate,
    Kind,
    Row,
    Step,
    by_name,
    kinds_of,
)

GIVEN_SITES = ("default", delivery.SITE)  # made by the package
QUOTED = re.compile(r"'((?:[^']|'')*)'::.*")
MORE = {
    "job_type": ["is_built_in"],
    "node": ["is_configured"],
    "task": ["id"],
    "linked_task": ["id"],
    "notice_rule": ["id"],
    "contract": ["id"],
}


def read_columns(connection: psycopg.Connection) -> Columns:
    """Return the columns that people set of each kind, in the order in which a file has them.

    Transaction: joins the caller's; reads only.
    """
    connection.execute(sql.STANDARD_TEXT)
    tables = [kind.table for kind in KINDS if kind not in {GRANT, SETTING}]
    found: dict[str, list[Column]] = defaultdict(list)
    state = {kind.table: kind.state for kind in KINDS}
    for table, name, kind, is_nullable, default in connection.execute(sql.COLUMNS, [tables]):
        if name not in state[table]:
            value = constant(default, kind)
            found[table].append(Column(name, kind, is_nullable=is_nullable, default=value))
    named = {table: tuple(columns) for table, columns in found.items()}
    setting = tuple(Column(name, "text", is_nullable=False) for name in ("name", "value"))
    return {**named, "grant": GRANT_COLUMNS, "setting": setting}


def constant(expression: str | None, kind: str) -> Any:
    """Return the value of a column's default, which is a constant where people set the column."""
    if expression is None:
        return None
    quoted = QUOTED.fullmatch(expression)
    if not quoted:
        return json.loads(expression)
    text = quoted[1].replace("''", "'")
    if kind == "_text":  # plain words: no quotes among them
        return [word for word in text.strip("{}").split(",") if word]
    if kind == "float8":
        return float(text)
    return int(text) if kind.startswith("int") and kind != "interval" else text


def check_site(connection: psycopg.Connection, site: str | None) -> None:
    """Refuse a site that is not there, and all sites to who is confined to some.

    Transaction: joins the caller's; reads only.
    """
    (own,) = connection.execute(sql.OWN_SITES).fetchone() or (None,)
    if site is None:
        if own is not None:
            raise ConfinedError(
                f"you are confined to sites: {', '.join(sorted(own)) or 'none'}",
                hint="name one of them: --site SITE",
            )
        return
    (is_there,) = connection.execute(sql.HAS_SITE, [site]).fetchone() or (False,)
    if not is_there:
        raise NotFoundError(f"site {site} does not exist", hint="see: pgdispatch site list")


def read_estate(connection: psycopg.Connection, columns: Columns, site: str | None) -> Estate:
    """Return what is configured, of one site or of all.

    Transaction: joins the caller's; reads only.
    """
    estate = Estate({}, site)
    estate.types = by_name(read_rows(connection, JOB_TYPE, columns))
    estate.schedules = by_name(read_rows(connection, SCHEDULE, columns))
    for kind in kinds_of(site):
        if kind is JOB_TYPE:
            estate.rows[kind.table] = list(estate.types.values())
        elif kind is SCHEDULE:
            estate.rows[kind.table] = list(estate.schedules.values())
        elif kind is SETTING:
            read_settings(connection, estate)
        elif kind is GRANT:
            estate.rows[kind.table] = read_grants(connection)
        else:
            estate.rows[kind.table] = read_rows(connection, kind, columns, site)
    add_timeouts(connection, estate.rows[SITE.table])
    add_days(connection, estate.rows.get(CALENDAR.table, []))
    add_steps(connection, estate)
    for name, kind in REFERENCES.items():
        things = {row.id: row for row in estate.rows[kind.table]}
        for row in estate.rows[CONTRACT.table]:
            row.values[name] = things.get(row.values[name])
    return estate


def read_rows(
    connection: psycopg.Connection, kind: Kind, columns: Columns, site: str | None = None
) -> list[Row]:
    """Return the rows of a table.

    Transaction: joins the caller's; reads only.
    """
    own = columns[kind.table]
    query = sql.rows_of(
        kind.table, own, more=MORE.get(kind.table, []), of_site=kind.site if site else None
    )
    cursor = psycopg.Cursor(connection, row_factory=dict_row)
    rows = []
    for found in cursor.execute(query, [site] if site else []):
        row = Row(kind, {c.name: found[c.name] for c in own}, id=found.get("id"))
        says_nothing = all(row.values[c.name] == c.default for c in own[1:])
        row.is_given = (
            bool(found.get("is_built_in"))
            or (kind is SITE and row.values["name"] in GIVEN_SITES)
            or (kind is NODE and (says_nothing or not found["is_configured"]))
        )
        rows.append(row)
    return rows


def read_settings(connection: psycopg.Connection, estate: Estate) -> None:
    """Add the settings to an estate, and their defaults.

    Transaction: joins the caller's; reads only.
    """
    found = connection.execute(sql.SETTINGS).fetchall()
    estate.default_values = {name: default for name, _, default in found}
    estate.rows[SETTING.table] = [
        Row(SETTING, {"name": name, "value": value}, is_given=value == default)
        for name, value, default in found
    ]


def read_grants(connection: psycopg.Connection) -> list[Row]:
    """Return who has been let in; whoever is confined to no site at all has nothing.

    Transaction: joins the caller's; reads only.
    """
    return [
        Row(
            GRANT,
            {
                "name": name,
                "roles": sorted(roles),
                "sites": None if sites is None else sorted(sites),
            },
        )
        for name, roles, sites in connection.execute(sql.GRANTS)
        if sites != []
    ]


def add_timeouts(connection: psycopg.Connection, sites: list[Row]) -> None:
    """Give each site its timeouts.

    Transaction: joins the caller's; reads only.
    """
    by_site: dict[str, dict[str, str | None]] = {row.values["name"]: {} for row in sites}
    for site, kind, timeout in connection.execute(sql.TIMEOUTS):
        if site in by_site:
            by_site[site][kind] = timeout
    for row in sites:
        row.values[str(SITE.part)] = by_site[row.values["name"]]


def add_days(connection: psycopg.Connection, calendars: list[Row]) -> None:
    """Give each calendar its days.

    Transaction: joins the caller's; reads only.
    """
    by_calendar: dict[str, dict[str, tuple[str | None, bool]]] = defaultdict(dict)
    for calendar, day, name, works in connection.execute(sql.DAYS):
        by_calendar[calendar][day] = name, works
    for row in calendars:
        row.values[str(CALENDAR.part)] = by_calendar[row.values["name"]]


def add_steps(connection: psycopg.Connection, estate: Estate) -> None:
    """Give each linked task its steps.

    Transaction: joins the caller's; reads only.
    """
    tasks = {row.id: row for row in estate.rows[TASK.table]}
    linked = {row.id: row for row in estate.rows[LINKED_TASK.table]}
    for row in linked.values():
        row.values[str(LINKED_TASK.part)] = []
    for number, step, task, stops in connection.execute(sql.STEPS):
        if number in linked and task in tasks:
            linked[number].values["steps"].append(Step(step, tasks[task], stops))
