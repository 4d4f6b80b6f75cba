"""Random configurations: rows for each table that people edit, and how they get into a database."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psycopg
from hypothesis import strategies as st
from psycopg.sql import SQL, Composed, Identifier, Placeholder
from psycopg.types.json import Jsonb

Draw = Mapping[str, st.SearchStrategy[Any]]
Estate = dict[str, list[dict[str, Any]]]
TYPES = ["flow", "full_extract", "alert", "brew"]
SITES = ["acme", "acme", "Globex Söhne", "default"]
CALENDARS = ["DE", 'a "b".c']
SCHEDULES = ["nightly", "nightly", 'a "quoted"\nname', "#[x]"]
texts = st.text(
    st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), min_size=1, max_size=12
) | st.sampled_from(
    ["Sales", '"', "'''", '"""', "[[task]]\nid = 1", "a = b # c", "\x7f\x1f", "none"]
)
spans = st.sampled_from(["90 s", "2 h 1 min", "1 day", "1 mon 3 days 04:05:06.5", "100 h"])
zones = st.sampled_from(["UTC", "Europe/Berlin"])
priorities = st.integers(1, 100)
numbers = st.integers(-(2**70), 2**70) | st.decimals(-9, 9, places=3).map(float)
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
COLUMNS: Mapping[str, Draw] = {
    "job_type": {
        "name": st.sampled_from(TYPES),
        "rank": st.integers(0, 9),
        "timeout": st.none() | spans,
        "max_attempts": st.integers(1, 3),
        "priority_from": st.sampled_from(["task", "schedule"]),
        "default_priority": st.sampled_from([0, 50, 70]),
        "run_now_first": st.booleans(),
        "description": texts,
    },
    "site": {
        "name": st.sampled_from(SITES),
        "max_running_jobs": st.none() | st.integers(-1, 3),
        "daily_seconds": st.none() | st.sampled_from([-1, 0, 3600]),
        "refill_at": st.sampled_from(["00:00", "06:30"]),
        "time_zone": zones,
        "over_budget": st.sampled_from(["defer", "cancel"]),
        "run_now_enabled": st.booleans(),
    },
    "site_timeout": {
        "site": st.sampled_from(SITES),
        "type": st.sampled_from(TYPES),
        "timeout": st.none() | spans,
    },
    "calendar": {
        "name": st.sampled_from(CALENDARS),
        "time_zone": zones,
        "working_weekdays": st.lists(st.sampled_from(["mon", "fri", "sun"]), max_size=3),
    },
    "calendar_day": {
        "calendar": st.sampled_from(CALENDARS),
        "day": st.sampled_from(["2026-12-25", "2027-01-01", "1999-12-31"]),
        "name": st.none() | texts,
        "is_working": st.booleans(),
    },
    "schedule": {
        "name": st.sampled_from(SCHEDULES),
        "priority": priorities,
        "execution": st.sampled_from(["parallel", "serial"]),
        "is_custom": st.booleans(),
        "enabled": st.booleans(),
        "recurrence": st.none() | st.sampled_from(["daily at 02:30", "every 2 hours"]),
        "time_zone": zones,
        "missed_runs": st.sampled_from(["skip", "once", "all"]),
        "max_missed_runs": st.integers(1, 12),
        "calendar": st.none() | st.sampled_from(CALENDARS),
        "on_free_day": st.sampled_from(["run", "skip", "before", "after"]),
    },
    "node": {
        "name": st.sampled_from(["etl-1", "etl.2"]),
        "backgrounders": st.integers(0, 3),
        "application_servers": st.integers(1, 2),
        "only_types": st.none() | st.lists(st.sampled_from(TYPES), max_size=2),
        "except_types": st.none() | st.lists(st.sampled_from(TYPES), max_size=2),
        "is_drained": st.booleans(),
        "drain_ends_at": st.none(),
    },
    "closed_window": {
        "name": st.sampled_from(["backup", "a.b c"]),
        "scope": st.sampled_from(["site", "type", "schedule", "node"]),
        "target": st.sampled_from([*SITES, *TYPES, *SCHEDULES, "etl-1"]),
        "recurrence": st.none() | st.just("daily at 22:00"),
        "lasts": st.none() | spans,
        "time_zone": zones,
        "calendar": st.none() | st.sampled_from(CALENDARS),
        "on_free_day": st.sampled_from(["run", "skip", "before", "after"]),
        "from_at": st.none() | st.just("2099-03-04 05:06:07.8+09"),
        "to_at": st.none() | st.just("2099-03-29 05:06:07.8+00"),
        "drain_before": st.none() | st.none() | spans,
        "run_at_end": st.booleans(),
        "reason": st.none() | texts,
        "enabled": st.booleans(),
    },
    "task": {
        "site": st.sampled_from(SITES),
        "type": st.sampled_from(["flow", "flow", "flow", *TYPES]),
        "title": st.sampled_from(["Sales"] * 5 + ["Load"]) | texts,
        "schedule": st.none() | st.sampled_from(SCHEDULES),
        "priority": st.none() | priorities,
        "datasource": st.none() | st.none() | texts,
        "args": st.dictionaries(texts, values, max_size=3),
        "timeout": st.none() | spans,
        "max_attempts": st.none() | st.integers(1, 3),
        "enabled": st.booleans(),
    },
    "linked_task": {
        "site": st.sampled_from(SITES),
        "title": st.sampled_from(["Chain"]) | texts,
        "schedule": st.none() | st.sampled_from(SCHEDULES),
        "priority": st.none() | priorities,
        "enabled": st.booleans(),
    },
    "linked_task_step": {
        "linked_task": st.integers(0, 9),
        "step": st.integers(1, 5),
        "task": st.integers(0, 9),
        "stop_on_failure": st.booleans(),
    },
    "notice_rule": {
        "what": st.sampled_from(["failure", "suspension"]),
        "target": st.sampled_from(["ops", "on-call"]),
        "site": st.none() | st.sampled_from(SITES),
        "type": st.none() | st.sampled_from(TYPES),
        "schedule": st.none() | st.sampled_from(SCHEDULES),
        "after": st.just(1),
    },
    "contract": {
        "name": st.sampled_from(["by seven", "age"]),
        "site": st.sampled_from(SITES),
        "datasource": st.just("sales"),
        "task": st.integers(0, 9),
        "schedule": st.sampled_from(SCHEDULES),
        "linked_task": st.integers(0, 9),
        "types": st.none() | st.lists(st.sampled_from(TYPES), min_size=1, unique=True),
        "due": st.just("daily at 07:00"),
        "calendar": st.none(),
        "time_zone": st.sampled_from(["UTC", "Europe/Berlin"]),
        "since": st.none() | spans,
        "max_age": spans,
        "warn_chance": st.sampled_from([0.2, 0.5, 1.0]),
        "warn_before": st.just("04:00:00") | spans,
        "target": st.none() | st.just("ops"),
        "note": st.none() | st.just("mine"),
        "enabled": st.booleans(),
    },
    "setting": {
        "name": st.sampled_from(["tie_break", "batch_seconds", "site_max_running_jobs"]),
        "value": st.sampled_from(["created", "30", "2", "-1"]),
    },
}
MANY = {"setting": (1, 3), "task": (3, 8), "linked_task": (1, 3), "linked_task_step": (2, 8)}
KEYS = {
    "site_timeout": ("site", "type"),
    "linked_task_step": ("linked_task", "step"),
    "calendar_day": ("calendar", "day"),
}
FLOWS = """
select t.id
from pgdispatch.task as t
join pgdispatch.linked_task as l on l.site = t.site
where l.id = %s and t.type = 'flow'
order by t.id
"""
estates: st.SearchStrategy[Estate] = st.fixed_dictionaries(
    {
        table: st.lists(
            st.fixed_dictionaries(dict(columns)),
            min_size=MANY.get(table, (0, 3))[0],
            max_size=MANY.get(table, (0, 3))[1],
        )
        for table, columns in COLUMNS.items()
    }
)


def put(connection: psycopg.Connection, estate: Estate) -> None:
    """Put rows into a database, as far as it takes them; the wishes for steps are by place.

    Whatever a row names is added before.
    A disabled task or linked task without a priority loses the one that it is given.

    Transaction: joins the caller's; commits nothing.
    """
    named = {"type": "job_type", "site": "site", "calendar": "calendar", "schedule": "schedule"}
    for name, table in named.items():
        query = SQL("insert into {} (name) values (%s) on conflict do nothing")
        for rows in estate.values():
            for row in rows:
                if row.get(name) is not None:
                    connection.execute(query.format(Identifier("pgdispatch", table)), [row[name]])
    numbers = {
        table: [
            number
            for row in estate[table]
            if (number := put_row(connection, table, row)) is not None
        ]
        for table in COLUMNS
        if table not in {"linked_task_step", "contract"}
    }
    for table in ("task", "linked_task"):
        if any(row["priority"] is None for row in estate[table]):
            query = SQL("update {} set priority = null where not enabled")
            connection.execute(query.format(Identifier("pgdispatch", table)))
    linked = numbers["linked_task"]
    for row in estate["linked_task_step"] if linked else []:
        number = linked[row["linked_task"] % len(linked)]
        flows = [task for (task,) in connection.execute(FLOWS, [number])]
        if flows:
            of = {"linked_task": number, "task": flows[row["task"] % len(flows)]}
            put_row(connection, "linked_task_step", {**row, **of})
    for row in estate["contract"]:
        put_contract(connection, row, numbers)


def put_contract(
    connection: psycopg.Connection, row: Mapping[str, Any], numbers: Mapping[str, list[int]]
) -> None:
    """Add a contract of one of the things that a row wishes, in terms that it wishes.

    Transaction: joins the caller's; commits nothing.
    """
    subjects = ("datasource", "task", "schedule", "linked_task")
    subject = subjects[row["task"] % len(subjects)]
    values = {**row, **dict.fromkeys(subjects), subject: row[subject]}
    if subject in numbers and subject != "schedule":
        if not numbers[subject]:
            return
        values[subject] = number = numbers[subject][row[subject] % len(numbers[subject])]
        query = SQL("select site from {} where id = %s").format(Identifier("pgdispatch", subject))
        ((values["site"],),) = connection.execute(query, [number]).fetchall()
    if subject == "linked_task":
        values["types"] = None
    values |= {"due": None} if row["since"] is None else {"max_age": None}
    put_row(connection, "contract", values)


def put_row(connection: psycopg.Connection, table: str, row: Mapping[str, Any]) -> Any:
    """Insert or update one row and return its number or name; None if it is refused."""
    values = {
        name: Jsonb(value) if isinstance(value, dict) else value for name, value in row.items()
    }
    is_numbered = table in {"task", "linked_task", "notice_rule", "contract"}
    key = KEYS.get(table, ("id",) if is_numbered else ("name",))
    relation = Identifier("pgdispatch", table)
    names = SQL(", ").join(map(Identifier, values))
    given = SQL(", ").join(Placeholder() * len(values))
    keys = SQL(", ").join(map(Identifier, key))
    sets = SQL(", ").join(SQL("{0} = excluded.{0}").format(Identifier(name)) for name in values)
    query: Composed = SQL("insert into {} ({}) values ({}) ").format(relation, names, given)
    if table == "setting":
        query = SQL("update {} set ({}) = ({}) where name = {} ").format(
            relation, names, given, row["name"]
        )
    elif is_numbered:
        query += SQL("on conflict do nothing ")
    else:
        query += SQL("on conflict ({}) do update set {} ").format(keys, sets)
    try:
        with connection.transaction():
            query += SQL("returning {}").format(keys)
            found = connection.execute(query, list(values.values())).fetchone()
    except psycopg.Error:
        return None
    return None if found is None else found[0]
