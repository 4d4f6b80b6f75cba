"""Everything about one schedule: when it runs, and what."""

from __future__ import annotations

import click

from pgdispatch_cli.filtering import find
from pgdispatch_cli.options import database_option, example, limit_option, listing_options
from pgdispatch_cli.output import Column, format_value, write_json, write_page, write_section
from pgdispatch_cli.pausing import pause_facts, pauses_of
from pgdispatch_cli.reading import Rows, looking, read

FACTS = {
    "recurrence": "recurrence",
    "time_zone": "its time zone",
    "calendar": "calendar",
    "on_free_day": "on a free day",
    "next_runs": "next runs",
    "last_run_at": "last run",
    "served_ahead": "served ahead",
    "last_error": "last error",
    "priority": "priority",
    "execution": "execution",
    "enabled": "enabled",
    "is_custom": "custom",
    "missed_runs": "missed runs",
    "max_missed_runs": "at most",
    "suspended": "tasks suspended",
}
TASKS = (
    Column("task", "task"),
    Column("site", "site", drop=5, least=6),
    Column("type", "type", drop=4, least=8),
    Column("title", "title", least=10),
    Column("priority", "prio", drop=6),
    Column("enabled", "enabled", drop=3),
    Column("suspended_at", "suspended", drop=2),
    Column("usually_for", "usually", drop=7),
    Column("job", "job", drop=1),
)
LINKED_TASKS = (
    Column("id", "linked"),
    Column("site", "site", drop=4, least=6),
    Column("title", "title", least=10),
    Column("priority", "prio", drop=5),
    Column("enabled", "enabled", drop=3),
    Column("steps", "steps", drop=2),
    Column("job", "job", drop=1),
)


@click.command(epilog=example("pgdispatch schedule show nightly"))
@click.argument("name")
@limit_option
@listing_options
@database_option
def command(name: str, limit: int, as_json: bool) -> None:
    """Show a schedule: when it runs, what pauses hold it, and its tasks and linked tasks."""
    of = {"schedule": name}
    with looking() as connection:
        schedule = find(connection, "schedule_status", "schedule", name)
        pauses = pauses_of(connection, "schedule", name)
        tasks = read(connection, Rows("task_status", of), limit=limit + 1)
        linked = read(connection, Rows("linked_task_status", of), limit=limit + 1)
    if as_json:
        made_of = {"task_rows": tasks[:limit], "linked_task_rows": linked[:limit]}
        write_json([{**schedule, "pauses": pauses, **made_of}])
        return
    facts = [(label, format_value(schedule[field])) for field, label in FACTS.items()]
    write_page("schedule ", name, [*pause_facts(pauses), *facts])
    write_section("tasks", tasks, TASKS, most=limit)
    write_section("linked tasks", linked, LINKED_TASKS, most=limit)
