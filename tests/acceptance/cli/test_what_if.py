"""What would be if something were changed, and how many backgrounders it takes: nothing is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support.cli.command import run_command
from support.servers.embedded import Connect

pytestmark = pytest.mark.usefixtures("newest_only")

SETTING = """
insert into pgdispatch.node (name, backgrounders) values ('etl-1', 2), ('etl-2', 1);
update pgdispatch.node set heartbeat_at = 'infinity';
insert into pgdispatch.site (name, max_running_jobs) values ('north', 2);
insert into pgdispatch.schedule (name, recurrence, execution)
values ('soon', 'every 15 minutes from 00:00 to 23:45', 'serial');
insert into pgdispatch.task (site, type, title, schedule)
select 'north', 'flow', 'task ' || n, 'soon' from generate_series(1, 4) as n;
insert into pgdispatch.job_history
select (jsonb_populate_record(null::pgdispatch.job_history, jsonb_build_object(
    'id', 1000000 + 10 * t.id + n, 'attempt', 1, 'type', 'flow', 'site', 'north', 'task', t.id,
    'schedule', 'soon', 'priority', 50, 'args', '{}'::jsonb, 'max_attempts', 1,
    'created_by', 'x', 'inserted_by', 'x', 'created_at', now() - n * interval '1 hour',
    'started_at', now() - n * interval '1 hour', 'ended_at', now() - n * interval '1 hour'
        + interval '200 s', 'run_now', false, 'is_serial', false, 'precedence', 1,
    'queued_at', now(), 'type_rank', 1, 'tie_first', 0, 'tie_second', 0,
    'parked_gates', array[]::text[], 'losses', 0, 'failures', 0, 'outcome', 'succeeded'
))).*
from pgdispatch.task as t, generate_series(1, 9) as n;
insert into pgdispatch.job (type, site, title) values ('flow', 'north', 'waits');
"""
EVERYTHING = """
select (select count(*) from pgdispatch.job), (select count(*) from pgdispatch.change),
    (select jsonb_agg(n order by name) from pgdispatch.node as n),
    (select jsonb_agg(s order by name) from pgdispatch.schedule as s),
    (select jsonb_agg(s order by name) from pgdispatch.site as s)
"""


@pytest.fixture
def prepared(database: str, connect: Connect) -> str:
    """Give a database with two nodes and a serial schedule whose runs take a while."""
    connect(database).execute(SETTING)
    return database


def test_cases_are_compared_with_how_it_is_and_nothing_is_changed(
    prepared: str, connect: Connect
) -> None:
    """A serial schedule made parallel ends sooner; the commands that would do it are printed."""
    watching = connect(prepared)
    before = watching.execute(EVERYTHING).fetchone()
    arguments = ("what-if", "--execution", "soon=parallel", "--case", "less", "--limit", "north=1",
                 "--move", "soon=+1h", "--hours", "2", "--runs", "5")  # fmt: skip

    told = run_command(prepared, *arguments, COLUMNS="80", TZ="UTC")
    found = json.loads(run_command(prepared, *arguments, "--json").out)

    assert told.status == 0
    assert "execution soon=parallel" in told.out
    assert max(map(len, told.out.splitlines())) <= 80
    lines = {line["case"]: line for line in found["lines"]}
    assert list(lines) == ["as it is", "execution soon=parallel", "less"]
    assert lines["execution soon=parallel"]["later"] < -200
    assert found["commands"] == {
        "execution soon=parallel": ["pgdispatch schedule change soon --execution parallel"],
        "less": [
            "pgdispatch site change north --max-running 1",
            "# its recurrence, +3600 s: pgdispatch schedule change soon",
        ],
    }
    assert watching.execute(EVERYTHING).fetchone() == before


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        ([], 2, "what is to be changed"),
        (["--limit", "north"], 2, "for example: --limit north=8"),
        (["--limit", "south=1"], 1, "there are: default, north"),
        (["--priority", "99=1"], 1, "job 99 does not wait"),
        (["--case", "x"], 2, "has no change after it"),
        (["--limit", "north=1", "--case", "as it is", "--limit", "north=2"], 2, "two cases"),
        (["--limit", "north=1", "--schedule", "x"], 1, "schedule 'x' has no run"),
    ],
)
def test_what_cannot_be_asked_is_said_with_what_can(
    prepared: str, arguments: list[str], status: int, words: str
) -> None:
    """On the standard error output."""
    done = run_command(prepared, "what-if", *arguments)

    assert (done.status, done.out) == (status, "")
    assert words in done.err


def test_capacity_gives_numbers_by_hour_a_picture_and_lines_for_cron(
    prepared: str, connect: Connect, tmp_path: Path
) -> None:
    """A gate holds most of it, which no number helps, and so it says."""
    watching = connect(prepared)
    before = watching.execute(EVERYTHING).fetchone()
    picture = tmp_path / "week.svg"
    arguments = ("capacity", "--draws", "1", "--most", "3", "--goal", "p90 2min")

    told = run_command(prepared, *arguments, "--plot", str(picture), COLUMNS="80", TZ="UTC")
    cron = run_command(prepared, *arguments, "--node", "etl-2", "--cron")
    wrong = run_command(prepared, "capacity", "--goal", "soon")

    assert told.status == 0
    assert max(map(len, told.out.splitlines())) <= 80
    assert "% of the starts are late with any number" in told.out
    assert picture.read_text("utf-8").count("<rect") == 168
    assert all("pgdispatch node change etl-2 --backgrounders" in line
               for line in cron.out.splitlines())  # fmt: skip
    assert (wrong.status, "use 'p95 10min'" in wrong.err) == (2, True)
    assert watching.execute(EVERYTHING).fetchone() == before
