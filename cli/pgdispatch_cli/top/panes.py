"""The six panes: what each shows of its rows, how much of it, and what it says of none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pgdispatch.web.console.words import OVER
from pgdispatch_cli.commands.jobs import headline
from pgdispatch_cli.times import format_brief
from pgdispatch_cli.top.lines import Column, Line, Row, pictures
from pgdispatch_cli.top.words import counted, marked, short_span

BAR = 10  # cells of a bar of progress


@dataclass(frozen=True)
class Pane:
    """One pane: its name, its columns, and what it says where there is no row.

    `key` tells a row from all others; `job` is the field of the job that Enter opens, and `blocker`
    returns the one to which `b` jumps. `summary` is what its heading says of its rows. What is not
    `is_of_sites` is the same whatever site is chosen.
    """

    name: str
    title: str
    columns: Sequence[Column]
    empty: str
    key: str
    job: str | None = "job"
    blocker: Callable[[Row], int | None] = lambda _: None
    summary: Callable[[Sequence[Row]], str] = lambda rows: f"{len(rows):,}"
    is_of_sites: bool = True


def text(name: str, tone: str = "ink") -> Callable[[Row], Line]:
    """Return what shows the field `name` as text."""
    return lambda row: [(shown(row[name]), tone)]


def shown(value: Any) -> str:
    """Return a value in one line."""
    if value is None:
        return ""
    if isinstance(value, list):
        return ", ".join(shown(item) for item in value)
    if isinstance(value, datetime):
        return format_brief(value)
    if isinstance(value, timedelta):
        return short_span(value)
    return pictures(str(value))


def doing(row: Row) -> Line:
    """Say what a backgrounder runs, or how it is idle."""
    if row["job"] is not None:
        asked = "cancelling: " if row["cancel_requested_at"] else ""
        glyph, *_ = marked("busy", "")
        return [(glyph[0], "run"), (asked + shown(row["title"] or row["type"]), "ink")]
    takes = "" if row["types"] is None else f", takes {shown(row['types']) or 'nothing'}"
    return marked(row["status"], row["status"] + takes)


def against_usual(row: Row) -> Line:
    """Say for how long a job has run, against its usual time."""
    ran, usual = row["runs_for"], row["usually_for"]
    if not isinstance(ran, timedelta):
        return []
    if not isinstance(usual, timedelta):
        return [(short_span(ran), "ink")]
    tone = "warn" if ran > OVER * usual else "ink"
    return [(short_span(ran), tone), (f" / {short_span(usual)}", "ink3")]


def titled(row: Row) -> Line:
    """Say what a job is called, or of what type it is."""
    return [(shown(row["title"] or row["type"]), "ink")]


def bar(row: Row) -> Line:
    """Draw how far a job is."""
    if row["progress"] is None:
        return [("─" * BAR, "thread")] if row["job"] is not None else []
    done = round(min(max(row["progress"], 0), 100) / 100 * BAR)
    return [("━" * done, "run"), ("─" * (BAR - done), "thread")]


def percent(row: Row) -> Line:
    """Say how far a job is."""
    return [] if row["progress"] is None else [(f"{row['progress']:.0f}%", "ink2")]


def why(row: Row) -> Line:
    """Say why a job waits."""
    return marked(row["kind"], shown(row["reason"]))


def outcome(row: Row) -> Line:
    """Say how a job ended."""
    return marked(row["outcome"], shown(row["failed_as"] or row["outcome"]))


def error(row: Row) -> Line:
    """Say why a job failed, and whether its task does not run any more."""
    said = shown(headline(row["error"]))
    return [*([("task suspended  ", "bad")] if row["is_suspended"] else []), (said, "ink2")]


def holder(row: Row) -> Line:
    """Say which job holds a gate, or how many do."""
    if row["holder"] is not None:
        return [(f"job {row['holder']}", "ink")]
    return [(f"{row['running']} running", "ink2")] if row["running"] else []


def waiting(row: Row) -> Line:
    """Say how many wait at a gate; they are counted to 1,001."""
    return [(">1,000" if row["waiting"] > 1000 else str(row["waiting"]), "ink")]


def until(row: Row) -> Line:
    """Say when a gate has room again, if that is known; what is late has no time to be named."""
    if not isinstance(row["until"], datetime) or not isinstance(row["until_in"], timedelta):
        return []
    if row["until_in"] <= timedelta():
        return [(f"{short_span(-row['until_in'])} over usual", "warn")]
    return [(format_brief(row["until"]), "ink2")]


def best(row: Row) -> Line:
    """Say which job is the next at a gate."""
    return [] if row["job"] is None else [(f"{row['job']} {shown(row['title'])}".strip(), "ink")]


def runs(row: Row) -> Line:
    """Say whether a schedule runs."""
    return marked("up", "on") if row["enabled"] else marked("idle", "off")


def trouble(row: Row) -> Line:
    """Say what is wrong with a schedule."""
    if row["last_error"]:
        return marked("failed", shown(headline(row["last_error"])))
    return marked("paused", f"{row['suspended']} suspended") if row["suspended"] else []


def node_state(row: Row) -> Line:
    """Say how a node is."""
    is_drained = row["is_drained"] and row["state"] == "up"
    return marked("drained", "drained") if is_drained else marked(row["state"], row["state"])


def types(row: Row) -> Line:
    """Say which types a node takes."""
    return [("all" if row["types"] is None else shown(row["types"]) or "none", "ink2")]


def of_kinds(rows: Sequence[Row]) -> str:
    """Say how many rows there are of each kind of reason."""
    return counted(row["kind"] for row in rows)


def field(name: str) -> Callable[[Row], int | None]:
    """Return what gives the number in the field `name`."""
    return lambda row: row[name]


BACKGROUNDERS = Pane(
    "backgrounders",
    "Backgrounders",
    (
        Column("process", text("backgrounder"), least=8, keeps=":"),
        Column("job", text("job", "ink3"), drop=5, is_right=True),
        Column("runs", doing, least=20),
        Column("site", text("site", "ink2"), drop=3, least=6),
        Column("type", text("type", "ink3"), drop=8, least=8, is_spare=True),
        Column("for / usual", against_usual, drop=1),
        Column("done", bar, drop=6),
        Column("", percent, drop=4, is_right=True),
        Column("last hour", lambda row: row.get("strip") or [], drop=7, is_optional=True),
    ),
    empty="no backgrounder is up; start a node: pgdispatch worker",
    key="backgrounder",
    summary=lambda rows: f"{sum(row['job'] is not None for row in rows)} of {len(rows)} busy",
)
QUEUE = Pane(
    "queue",
    "Queue",
    (
        Column("#", text("position", "ink3"), is_right=True),
        Column("job", text("job", "ink3"), is_right=True, drop=3),
        Column("title", titled, least=20),
        Column("site", text("site", "ink2"), drop=5, least=6),
        Column("type", text("type", "ink3"), drop=8, least=8, is_spare=True),
        Column("pri", text("priority", "ink2"), drop=4, is_right=True),
        Column("decided by", text("decided_by", "ink2"), drop=7),
        Column("why", why, least=30),
        Column("waits", text("waits_for", "ink2"), drop=2, is_right=True),
    ),
    empty="nothing waits",
    key="job",
    blocker=field("blocker"),
    summary=of_kinds,
)
ENDED = Pane(
    "ended",
    "Ended",
    (
        Column("job", text("job", "ink3"), is_right=True),
        Column("title", titled, least=20),
        Column("site", text("site", "ink2"), drop=4, least=6),
        Column("type", text("type", "ink3"), drop=8, least=8, is_spare=True),
        Column("outcome", outcome),
        Column("backgrounder", text("backgrounder", "ink2"), drop=6, least=8, keeps=":"),
        Column("waited", text("waited_for", "ink3"), drop=7, is_right=True),
        Column("ran", text("ran_for", "ink2"), drop=2, is_right=True),
        Column("ended", text("ended_at", "ink2"), drop=1),
        Column("error", error, drop=5, least=16),
    ),
    empty="nothing has ended yet",
    key="job",
    summary=lambda rows: counted(row["outcome"] for row in rows),
)
GATES = Pane(
    "gates",
    "Gates",
    (
        Column("gate", text("gate"), least=14),
        Column("why it is shut", why, least=30),
        Column("held by", holder, drop=2),
        Column("until about", until, drop=3, least=12),
        Column("wait", waiting, is_right=True),
        Column("next of them", best, drop=4, least=12),
    ),
    empty="no gate is full",
    key="gate",
    blocker=field("holder"),
    summary=of_kinds,
)
SCHEDULES = Pane(
    "schedules",
    "Schedules",
    (
        Column("schedule", text("schedule"), least=12),
        Column("", runs),
        Column("pri", text("priority", "ink2"), drop=6, is_right=True),
        Column("execution", text("execution", "ink2"), drop=5),
        Column("recurrence", text("recurrence", "ink2"), drop=2, least=12),
        Column("zone", text("time_zone", "ink3"), drop=8, least=8),
        Column("next run", text("next_run_at"), drop=1),
        Column("last run", text("last_run_at", "ink3"), drop=7),
        Column("tasks", text("tasks", "ink2"), drop=4, is_right=True),
        Column("trouble", trouble, drop=3, least=14),
    ),
    empty="there is no schedule",
    key="schedule",
    job=None,
    is_of_sites=False,
    summary=lambda rows: f"{sum(row['enabled'] for row in rows)} of {len(rows)} on",
)
NODES = Pane(
    "nodes",
    "Nodes",
    (
        Column("node", text("node"), least=10),
        Column("state", node_state),
        Column("wanted", text("backgrounders", "ink2"), drop=3, is_right=True),
        Column("up", text("up", "ink2"), is_right=True),
        Column("busy", text("busy", "ink2"), is_right=True),
        Column("types", types, drop=2, least=8),
        Column("host", text("host", "ink3"), drop=6, least=8),
        Column("version", text("package_version", "ink3"), drop=5),
        Column("heard", lambda row: [(ago(row["heard_for"]), "ink3")], drop=4),
    ),
    empty="no node has been up yet; start one: pgdispatch worker",
    key="node",
    job=None,
    is_of_sites=False,
    summary=lambda rows: counted(row["state"] for row in rows),
)
PANES: Mapping[str, Pane] = {
    pane.name: pane for pane in (BACKGROUNDERS, QUEUE, ENDED, GATES, SCHEDULES, NODES)
}
NUMBERS = {name: number for number, name in enumerate(PANES, 1)}
OF_ALL_SITES = {"nodes"}  # panes that people of some sites have no right to


def ago(span: timedelta | None) -> str:
    """Say how long ago something was."""
    return f"{short_span(span)} ago" if span is not None else ""


def fits(row: Row, words: str) -> bool:
    """Tell whether every one of `words` is in title, site, type, reason or name of a row."""
    fields = (
        "title",
        "site",
        "type",
        "reason",
        "error",
        "gate",
        "schedule",
        "node",
        "backgrounder",
    )
    said = " ".join(str(row.get(name) or "") for name in (*fields, "outcome", "job")).lower()
    return all(word in said for word in words.lower().split())
