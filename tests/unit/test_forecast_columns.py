"""What dispatch reads, the simulation of the forecast has to know, or here stands why not.

Functions and tables are read from their files, as the catalog has them. A column counts as read by
a function that names its table and it. So whoever teaches dispatch a new rule fails here until the
document of forecast_input says what it goes by.
"""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

from support.checkout import SQL

FOLDERS = {  # what decides what starts when; without the functions that decide nothing of it
    "dispatch": set[str](),
    "gates": {"gate_holder", "gate_holders", "notice_gate", "wait_for_gate"},
    "enqueue": {
        *("protect_job_type", "check_job", "insert_job", "announce_new_jobs"),
        *("check_key", "key_holder", "replace_job", "take_key"),
    },
    "parking": {"mark_occupants", "notify_idle_nodes"},
    "due": set[str](),
    "budget": {"seed_charges", "sum_charges", "site_budget"},
    "schedules": {
        *("backfill", "backfill_runs", "preview_backfill", "correct_schedules_ahead"),
        *("fill_schedule", "fire", "warn_passed_over", "tidy_clock", "next_turn"),
    },
    "linked_tasks": {"check_step", "fill_linked_task"},
    "tasks": {"fill_task", "forget_task", "protect_used", "republish", "resume"},
}
SINGLE = {"end_attempts", "back_to_queue"}
INPUT = {  # what forecast_input is made of
    *("forecast_input", "forecast_sites", "forecast_nodes", "forecast_schedules", "runs_due"),
    *("runs_within", "closed_within", "forecast_tasks", "forecast_usual", "forecast_served"),
    "forecast_jobs",
}
IGNORED_TABLES = {
    "due": "how far due jobs have been made ready; what is paused is in pause",
    "generation": "where dispatch finds ready jobs",
    "deferral": "when dispatch looks again; the refills and pauses themselves are known",
    "gate_notice": "whose transaction holds a gate for long: nobody knows for how long",
    "site_type": "worked out from job_type and site_timeout, which are known",
    "charge": "summed up by spent_seconds",
}
IGNORED = {
    "what the handler gets, or people read": {
        "job": {
            *("args", "title", "created_by", "traceparent", "last_error", "progress"),
            *("progress_note", "cancelled_by", "cancel_reason", "promoted_at", "asked_at"),
        },
        "job_history": {"created_by"},
        "linked_run": {"created_by"},
        "linked_task": {"title"},
        "schedule": {"last_error", "last_run_at"},
        "suspension": {"failures", "job", "suspended_at"},
        "task": {"args", "title"},
    },
    "where a waiting job is parked follows from what runs": {
        "job": {"gate", "gates", "parked_gates", "generation"},
    },
    "which backgrounder of a node runs it makes no difference": {"job": {"backgrounder"}},
    "laid down at the start; what counts is the schedule's execution": {"job": {"is_serial"}},
    "it is in tie_first or tie_second": {"job": {"usual_seconds"}},
    "keeps inserts away, of which nobody knows": {"job": {"key"}},
    "a local variable or a column of another table has that name": {
        "job_history": {"failures", "scheduled_at", "usual_seconds"},
        "linked_task": {"created_at"},
        "schedule": {"created_at"},
        "site": {"id"},
    },
    "one that is disabled has no next_run_at": {"schedule": {"enabled"}},
    "asked for by due_runs, missed_runs and failure_streak themselves": {
        "schedule": {"max_missed_runs"},
        "job_history": {"failed_as"},
    },
}
PROSE = re.compile(r"/\*.*?\*/|--[^\n]*|'[^']*'", re.DOTALL)
TABLE = re.compile(r"create table if not exists pgdispatch\.\w+ \((.*?)\n\)", re.DOTALL)
COLUMN = re.compile(r"^    (?!constraint|primary|foreign|unique|check)(\w+) ", re.MULTILINE)


def read_tables() -> dict[str, list[str]]:
    """Return the columns of each table."""
    texts = {path.stem: path.read_text(encoding="utf-8") for path in (SQL / "tables").glob("*.sql")}
    found = {name: TABLE.search(text) for name, text in texts.items()}
    return {name: COLUMN.findall(match[1]) for name, match in found.items() if match}


def reads(path: Path, tables: dict[str, list[str]]) -> set[tuple[str, str]]:
    """Return the columns that a function reads, by its text."""
    text = PROSE.sub("", path.read_text(encoding="utf-8")).partition("comment on")[0]
    words = set(re.findall(r"\w+", text))
    named = [name for name in tables if re.search(rf"\bpgdispatch\.{name}\b(?!\s*\()", text)]
    return {(name, column) for name in named for column in tables[name] if column in words}


def read_by_dispatch(tables: dict[str, list[str]]) -> dict[tuple[str, str], set[str]]:
    """Return what dispatch reads, and the functions that do."""
    found = defaultdict(set)
    for path in (SQL / "functions").rglob("*.sql"):
        is_one = path.stem not in FOLDERS.get(path.parent.name, {path.stem})
        if is_one or path.stem in SINGLE:
            for column in reads(path, tables):
                found[column].add(path.stem)
    return dict(found)


def test_the_simulation_knows_what_dispatch_reads() -> None:
    """Each column is in forecast_input, or named here with a reason; none is named in vain."""
    tables = read_tables()
    dispatch = read_by_dispatch(tables)
    known = {
        column
        for name in INPUT
        for column in reads(SQL / "functions" / "forecast" / f"{name}.sql", tables)
    }
    ignored = {
        (table, column)
        for named in IGNORED.values()
        for table, columns in named.items()
        for column in columns
    }

    unknown = {column: dispatch[column] for column in dispatch.keys() - known - ignored}

    assert {c: by for c, by in unknown.items() if c[0] not in IGNORED_TABLES} == {}
    assert ignored - dispatch.keys() == set()
    assert ignored & known == set()
    assert set(IGNORED_TABLES) <= {table for table, _ in dispatch}
