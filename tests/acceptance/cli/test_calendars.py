"""Calendars and closed windows at the command line, and what an iCalendar file makes of one."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.cli.command import run_command
from support.servers.embedded import Connect

pytestmark = pytest.mark.usefixtures("newest_only")
HEAD = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:test\r\n"
YEARS = ("--year", "2026", "--year", "2027", "--year", "2028")


def event(day: str, name: str, *more: str) -> str:
    """Return an event of a file; a day without a T lasts all day."""
    kind = "" if "T" in day else ";VALUE=DATE"
    lines = ("BEGIN:VEVENT", f"UID:{day}{name}", f"DTSTART{kind}:{day}", f"SUMMARY:{name}", *more)
    return "\r\n".join((*lines, "END:VEVENT", ""))


HOLIDAYS = (
    HEAD
    + event("20001225", "Christmas", "RRULE:FREQ=YEARLY", "EXDATE;VALUE=DATE:20271225")
    + event("20261229", "Closed", "DTEND;VALUE=DATE:20270102")
    + event("20270101", "New Year")
    + event("20270101", "New Year", "STATUS:CONFIRMED")
    + event("20260501", "Labour Day", "STATUS:CANCELLED")
    + event("20260502T120000Z", "Lunch")
    + event("20231123", "Thanksgiving", "RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH")
    + "END:VCALENDAR\r\n"
)


def put(folder: Path, content: str | bytes) -> str:
    """Write a file and return its path."""
    path = folder / "days.ics"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return str(path)


def days(database: str, year: str) -> dict[str, str | None]:
    """Return the free days that the calendar names in a year."""
    (row,) = run_command(database, "calendar", "show", "DE", "--year", year, "--json").rows()
    return {day["day"]: day["name"] for day in row["day_rows"] if not day["is_working"]}


def test_import_takes_all_day_events_over_and_leaves_working_days(
    database: str, tmp_path: Path
) -> None:
    """Those that last several days, that come again, and doubles; a second time changes nothing."""
    path = put(tmp_path, HOLIDAYS)
    run_command(database, "calendar", "add", "DE", "--time-zone", "Europe/Berlin")
    run_command(database, "calendar", "day", "DE", "2026-12-30", "--works")
    run_command(database, "calendar", "day", "DE", "2026-06-01", "--name", "of old")

    tried = run_command(database, "calendar", "import", "DE", path, *YEARS, "--dry-run")
    before = days(database, "2026")
    done = run_command(database, "calendar", "import", "DE", path, *YEARS, "--replace")
    again = run_command(database, "calendar", "import", "DE", path, *YEARS)

    assert before == {"2026-06-01": "of old"}
    assert "nothing was done: days 8 to add, 0 to change, 0 to delete" in tried.err
    assert "calendar DE: days 8 added, 0 changed, 1 deleted" in done.err
    assert "left out: 1 events that do not last all day" in done.err
    assert "working days that stay as they are: 2026-12-30" in done.err
    assert "days 0 added, 0 changed, 0 deleted" in again.err
    assert days(database, "2026") == {
        "2026-11-26": "Thanksgiving",
        "2026-12-25": "Christmas",
        "2026-12-29": "Closed",
        "2026-12-31": "Closed",
    }
    assert days(database, "2027") == {
        "2027-01-01": "Closed / New Year",
        "2027-11-25": "Thanksgiving",
    }
    assert days(database, "2028") == {"2028-11-23": "Thanksgiving", "2028-12-25": "Christmas"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is not an iCalendar file"),
        (b"\x00\xff\xfe nonsense", "is not an iCalendar file"),
        (b"PK\x03\x04" * 100, "is not an iCalendar file"),
        (b"{}", "is not an iCalendar file"),
        ((HEAD + event("2026", "x")).encode(), "days.ics"),
        ((HEAD + event("20200101", "x") + "END:VCALENDAR\r\n").encode(), "has no event that lasts"),
        (
            (HEAD + event("20260101", "x", "RRULE:FREQ=SECONDLY") + "END:VCALENDAR\r\n").encode(),
            "has an event that is repeated more often than daily",
        ),
        (b"BEGIN:VCALENDAR\r\n" + b"X" * 5_000_001, "has more than 5 MB"),
    ],
    ids=["empty", "noise", "zip", "json", "cut off", "no day", "each second", "megabytes"],
)
def test_file_that_is_none_is_refused_and_changes_nothing(
    database: str, tmp_path: Path, content: bytes, message: str
) -> None:
    """In one line, whatever it is."""
    run_command(database, "calendar", "add", "DE")

    done = run_command(database, "calendar", "import", "DE", put(tmp_path, content), *YEARS)

    assert done.status == 1
    assert done.err.startswith("error: ")
    assert message in done.err
    assert days(database, "2026") == {}


def test_calendar_and_window_go_through_their_lives(database: str, connect: Connect) -> None:
    """Added, used, shown, refused while in use, renamed, deleted; and as a file."""

    def run(*words: str) -> str:
        done = run_command(database, *words)
        assert done.status == 0, done.err
        return done.out + done.err

    run("calendar", "add", "DE", "--working", "mon,tue,wed,thu")
    run(
        "schedule", "add", "nightly", "--recurrence", "on working days at 06:00", "--calendar", "DE"
    )
    run("window", "add", "backup", "site", "default", "--recurrence", "daily at 22:00",
        "--lasts", "8h", "--reason", "backup of the files", "--calendar", "DE")  # fmt: skip
    run("window", "change", "backup", "--lasts", "6h")
    run("window", "rename", "backup", "files")
    refused = run_command(database, "calendar", "delete", "DE", "--yes")
    exported = run("export")

    assert refused.status == 1
    assert "used by schedule nightly; closed window files" in refused.err
    assert "6 h" in run("window", "show", "files")
    assert "files" in run("window", "list")
    assert "nightly" in run("calendar", "show", "DE")
    assert "DE" in run("calendar", "list")
    assert "calendar DE" in run("schedule", "preview", "nightly", "--count", "2")
    run("window", "delete", "files")
    run("schedule", "change", "nightly", "--clear", "calendar", "--clear", "recurrence")
    run("calendar", "rename", "DE", "BY", "--yes")
    run("calendar", "delete", "BY", "--yes")
    assert connect(database).execute("select count(*) from pgdispatch.calendar").fetchone() == (0,)
    assert '[closed_window.files]\nscope = "site"\ntarget = "default"' in exported
