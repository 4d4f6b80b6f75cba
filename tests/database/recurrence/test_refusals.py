"""A recurrence or a time zone that makes no sense is refused, with one that does."""

from __future__ import annotations

import psycopg
import pytest

from support.sessions.verbs import Verbs

EVERY = "write 15 or 30 minutes, or 1, 2, 4, 6, 8 or 12 hours"
DAILY = "write one time of day"
WEEKLY = "write weekdays and one time of day"
MONTHLY = "write days of the month or one weekday"
FIELDS = "write minute, hour, day of month, month and weekday"
NEVER = "name a day that its months have"
REFUSED = {
    "": "write one of: every 15 minutes;",
    "sometimes": "write one of: every 15 minutes;",
    "every 20 minutes": EVERY,
    "every 3 hours": EVERY,
    "every 2 hours from 8 to 10": EVERY,
    "every 2 hours from 08:00": EVERY,
    "every 2 hours from 24:00 to 08:00": EVERY,
    "every 2 hours from 08:00 to 08:00": "leave the window out to run all day",
    "evry 15 minutes": EVERY,
    "hourly": EVERY,
    "daily": DAILY,
    "daily at 24:00": DAILY,
    "daily at 9": DAILY,
    "daily at 09:60": DAILY,
    "weekly on at 09:00": WEEKLY,
    "weekly on mo at 09:00": WEEKLY,
    "weekly on mon wed at 09:00": WEEKLY,
    "on Mondays": WEEKLY,
    "monthly on 0 at 09:00": MONTHLY,
    "monthly on 32 at 09:00": MONTHLY,
    "monthly on sixth monday at 09:00": MONTHLY,
    "monthly on first, 15 at 09:00": MONTHLY,
    "last day at 09:00": MONTHLY,
    "30 6 * * *": "write cron and five fields",
    "@daily": DAILY,
    "cron": "write cron and five fields",
    "cron 30 6 * *": FIELDS,
    "cron 0 30 6 * * *": FIELDS,
    "cron 60 * * * *": FIELDS,
    "cron * 24 * * *": FIELDS,
    "cron * * 0 * *": FIELDS,
    "cron * * 32 * *": FIELDS,
    "cron * * * 13 *": FIELDS,
    "cron * * * * 8": FIELDS,
    "cron * * * foo *": FIELDS,
    "cron * * * mon *": FIELDS,
    "cron 5-1 * * * *": FIELDS,
    "cron */0 * * * *": FIELDS,
    "cron 99999 * * * *": FIELDS,
    "cron 1,,2 * * * *": FIELDS,
    "cron -1 * * * *": FIELDS,
    "cron L * * * *": FIELDS,
    "cron * * * * L": FIELDS,
    "cron * * * * 1#6": FIELDS,
    "cron * * * * xyz#1": FIELDS,
    "cron 0 0 30 2 *": NEVER,
    "cron 0 0 31 2,4,6,9,11 *": NEVER,
    "cron 0 0 */31 * mon#5": NEVER,
}


def refusal(verbs: Verbs, query: str, value: str) -> psycopg.Error:
    """Return the error that a query ends with."""
    with pytest.raises(psycopg.Error) as refused:
        verbs.value(query, value)
    return refused.value


def test_what_is_no_recurrence_is_refused_with_the_nearest_form(verbs: Verbs) -> None:
    """SQLSTATE JD001, and the hint shows what to write."""
    errors = {
        text: refusal(verbs, "select pgdispatch.parse_recurrence(%s)", text) for text in REFUSED
    }

    assert {error.sqlstate for error in errors.values()} == {"JD001"}
    assert {
        text: error.diag.message_hint
        for text, error in errors.items()
        if not (error.diag.message_hint or "").startswith(REFUSED[text])
    } == {}


def test_every_form_that_a_hint_shows_can_be_read(verbs: Verbs) -> None:
    """Nobody is sent from one refusal to the next."""
    hint = refusal(verbs, "select pgdispatch.parse_recurrence(%s)", "").diag.message_hint or ""
    forms = hint.removeprefix("write one of: ").split("; ")

    assert len(forms) == 9
    verbs.run("insert into pgdispatch.calendar (name) values ('usual')")
    for form in forms:
        found = verbs.value("select pgdispatch.next_run(%s, 'UTC', now(), 'usual')", form)
        assert found is not None


def test_next_run_refuses_what_parse_recurrence_refuses(verbs: Verbs) -> None:
    """With the same error."""
    for query in (
        "select pgdispatch.next_run(%s, 'UTC', now())",
        "select pgdispatch.last_run(%s, 'UTC', now())",
        "select pgdispatch.next_runs(%s, 'UTC', now(), 5)",
    ):
        assert refusal(verbs, query, "never").sqlstate == "JD001"


@pytest.mark.parametrize("count", ["0", "-1", "100001"])
def test_too_many_or_too_few_runs_are_refused(verbs: Verbs, count: str) -> None:
    """1 to 100000 can be asked for."""
    error = refusal(
        verbs, "select pgdispatch.next_runs('every hour', 'UTC', now(), %s::integer)", count
    )

    assert (error.sqlstate, error.diag.message_hint) == ("JD001", "ask for 1 to 100000 runs")


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "Etc/GMT+3", "America/Argentina/Ushuaia"])
def test_time_zone_is_known_by_its_exact_name(verbs: Verbs, zone: str) -> None:
    """As IANA spells it."""
    verbs.run("select pgdispatch.check_time_zone(%s)", zone)


@pytest.mark.parametrize(
    ("zone", "near"),
    [
        ("Berlin", "such as Europe/Berlin"),
        ("europe/berlin", "such as Europe/Berlin"),
        ("Europe/Berlinn", "such as Europe/Berlin"),
        ("America/New York", "such as America/New_York"),
        ("posix/Asia/Tokyo", "such as Asia/Tokyo"),
        ("CET", "all are in pg_timezone_names"),
        ("XYZ3", "all are in pg_timezone_names"),
        ("+02:00", "all are in pg_timezone_names"),
        ("localtime", "all are in pg_timezone_names"),
        ("100%", "all are in pg_timezone_names"),
        ("", "all are in pg_timezone_names"),
    ],
)
def test_what_is_no_time_zone_is_refused_with_the_nearest(
    verbs: Verbs, zone: str, near: str
) -> None:
    """Also what PostgreSQL would take for one, or for an abbreviation without summer time."""
    error = refusal(verbs, "select pgdispatch.check_time_zone(%s)", zone)

    assert error.sqlstate == "JD001"
    assert (error.diag.message_hint or "").endswith(near)
