"""What the command makes of what it has read: times, attempts, states of nodes."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from pgdispatch_cli.commands.schedule.preview import (
    Times,
    as_row,
    columns,
    explain_cron,
    heading,
    minute,
)
from pgdispatch_cli.commands.site.list import hours, or_none
from pgdispatch_cli.commands.site.timeout import allowance
from pgdispatch_cli.commands.status import summarise
from pgdispatch_cli.job_facts import attempts, linked_step


def test_run_has_its_weekday_and_local_time_with_the_offset_of_that_day() -> None:
    """23:00 UTC on Saturday is half past four on Sunday morning in India."""
    row = as_row(
        datetime(2030, 1, 5, 23, tzinfo=UTC), datetime(2030, 1, 6, 4, 30), date(2030, 1, 6)
    )

    assert row["weekday"] == "Sun"
    assert row["local_time"].utcoffset() == timedelta(hours=5, minutes=30)
    assert minute(row["local_time"]) == "2030-01-06 04:30 +05:30"
    assert minute(row["run_at"]) == "2030-01-05 23:00"


def test_offset_west_of_greenwich_is_negative() -> None:
    """As ISO 8601 writes it."""
    assert minute(datetime(2030, 1, 6, 4, tzinfo=timezone(-timedelta(hours=3, minutes=30)))) == (
        "2030-01-06 04:00 -03:30"
    )


def test_utc_has_one_column_only() -> None:
    """Another zone has its local time beside it."""
    assert [column.title for column in columns("UTC")] == ["day", "UTC"]
    assert [column.title for column in columns("Asia/Tokyo")] == ["day", "Asia/Tokyo", "UTC"]


@pytest.mark.parametrize(
    ("recurrence", "words"),
    [
        ("cron 0 2 * * 1-5", "At 02:00 on Monday through Friday"),
        ("CRON  30 6 L * *", "At 06:30 on the last day of every month"),
        ("daily at 02:30", None),
        ("cron 0 2 last * *", None),
    ],
)
def test_cron_is_said_in_words_where_there_are_any(recurrence: str, words: str | None) -> None:
    """The other recurrences are words already."""
    assert explain_cron(recurrence) == words


def test_heading_cannot_steer_the_terminal() -> None:
    """A recurrence comes from whoever wrote it."""
    assert heading(Times("daily\x1b[2J", "UTC", enabled=True)) == r"daily\x1b[2J, UTC"


@pytest.mark.parametrize(
    ("job", "text"),
    [
        ({"attempt": 0, "max_attempts": 1, "failures": 0}, ""),
        ({"attempt": 2, "max_attempts": 1, "failures": 0}, "2"),
        ({"attempt": 3, "max_attempts": 3, "failures": 1}, "3, 2 of 3 left"),
        ({"attempt": 3, "max_attempts": 3, "failures": 3, "ended_at": 1}, "3"),
    ],
)
def test_attempts_left_are_shown_while_there_may_be_more(job: dict[str, int], text: str) -> None:
    """A lost node takes no attempt away."""
    assert attempts(job) == text


def test_step_of_a_linked_run_is_named() -> None:
    """Most jobs are none."""
    assert linked_step({"linked_run": 7, "step": 2}) == "7, step 2"
    assert linked_step({"linked_run": None, "step": None}) == ""


def test_limits_of_a_site_are_said_for_people() -> None:
    """No limit is a word, no budget is nothing."""
    assert (or_none(None), or_none(0)) == ("none", "0")
    assert (hours(None), hours(28800)) == ("", "8 h 00 min")
    assert (allowance("None"), allowance("2h")) == ("none", timedelta(hours=2))


def test_summary_counts_nodes_by_state_and_backgrounders_only() -> None:
    """An application server is no backgrounder; a drained node is worth a word."""
    rows = [
        {"node": "a", "status": "busy", "is_drained": True},
        {"node": "a", "status": "drained", "is_drained": True},
        {"node": "a", "status": "up", "is_drained": True},
        {"node": "b", "status": "lost", "is_drained": False},
        {"node": "c", "status": "stopped", "is_drained": True},
    ]

    assert summarise(rows) == "3 nodes, 1 lost, 1 stopped, 1 drained; 1 of 2 backgrounders busy"


@pytest.mark.parametrize(
    "modules",
    [
        "worker, pgdispatch_cli.main, pgdispatch.node.supervisor",
        *("queue", "status", "jobs", "site.list", "task.list", "schedule.list", "node.list"),
        *("linked_task.list", "type.list", "setting.list"),
    ],
)
def test_workers_and_listings_start_without_sqlalchemy(modules: str) -> None:
    """Importing it takes longer than starting a backgrounder, and than all that a listing does."""
    program = (
        f"import sys; import pgdispatch_cli.commands.{modules};"
        " print({'sqlalchemy', 'rich.console', 'pgdispatch.embedded'} & {*sys.modules})"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout == "set()\n"
