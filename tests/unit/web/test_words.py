"""What the console says: spans, instants, counts and sentences."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgdispatch.web.console import words
from pgdispatch.web.console.words import Held, Overview, Sentence, Wait

NOW = datetime(2026, 11, 30, 20, 36, 4, tzinfo=UTC)
BUSY = Overview(
    nodes=4, backgrounders=13, busy=11, waiting=21, looked_at=21, startable=7, ended=82, failed=0
)
WAIT = Wait(kind="site limit", reason="site limit (3 of 3 running)", site="finance", type="flow")


def text(sentence: Sentence) -> str:
    """Return a sentence without its marks."""
    return "".join(part.text for part in sentence)


def test_a_text_of_several_lines_is_one_where_a_line_is_all_there_is() -> None:
    """As an error of a driver is in a row of a table."""
    assert words.in_line("refused\n\tis it up?\n") == "refused is it up?"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (None, words.NOTHING),
        (0, "0 s"),
        (0.04, "0 s"),
        (8.8, "8.8 s"),
        (9.96, "10 s"),
        (59.6, "1 min"),
        (60, "1 min"),
        (290, "4 min 50 s"),
        (299.7, "5 min"),
        (519, "9 min"),
        (1560, "26 min"),
        (3600, "1 h"),
        (3599, "1 h"),
        (12_000, "3 h 20 min"),
        (86_400, "1 d"),
        (100_000, "1 d 4 h"),
        (-90, f"{words.MINUS}1 min 30 s"),
    ],
)
def test_spans_are_short(seconds: float | None, said: str) -> None:
    """Two units only where the second one matters."""
    assert words.span(seconds) == said
    if seconds is not None:
        assert words.span(timedelta(seconds=seconds)) == said


@given(st.floats(0, 1e9))
def test_no_span_has_sixty_of_the_smaller_unit(seconds: float) -> None:
    """Rounding carries over."""
    said = words.span(seconds).split()
    counts = dict(zip(said[1::2], map(float, said[::2]), strict=True))

    assert counts.get("s", 0) < 60
    assert counts.get("min", 0) < 60
    assert counts.get("h", 0) < 24


def test_instants_have_their_date_when_they_are_not_of_today() -> None:
    """Of the day in the zone of the page."""
    late = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)

    assert words.clock(late, "UTC", NOW) == "23:30"
    assert words.clock(late, "Europe/Berlin", NOW) == "2026-12-01 00:30"
    assert words.clock(NOW, "UTC", NOW, is_exact=True) == "20:36:04"
    assert words.clock(None, "UTC", NOW) == words.NOTHING


def test_what_is_not_counted_is_said_so() -> None:
    """Beyond ten thousand."""
    assert words.counted(1, "job") == "1 job"
    assert words.counted(1204, "job") == "1,204 jobs"
    assert words.counted(10_001, "job") == "more than 10,000 jobs"
    assert words.count(1001, 1000) == "more than 1,000"


def test_lists_end_in_and() -> None:
    """And are cut."""
    assert words.listed([]) == ""
    assert words.listed(["a"]) == "a"
    assert words.listed(["a", "b", "c"]) == "a, b and c"
    assert words.listed(list("abcdefgh"), 3) == "a, b and 6 more"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, "11 of 13 backgrounders busy, 21 jobs wait"),
        ({"waiting": 1}, "11 of 13 backgrounders busy, 1 job waits"),
        ({"waiting": 10_001}, "11 of 13 backgrounders busy, more than 10,000 jobs wait"),
        ({"waiting": 0, "busy": 0}, "All 13 backgrounders are idle, nothing waits"),
        ({"busy": 0, "backgrounders": 1}, "The backgrounder is idle, 21 jobs wait"),
        ({"busy": 0, "backgrounders": 0}, "No backgrounder is up, 21 jobs wait"),
        ({"nodes": 0, "busy": 0, "backgrounders": 0, "waiting": 0},
         "No node has been up yet, nothing waits"),
    ],
)  # fmt: skip
def test_the_headline_says_the_state_of_it_all(changed: dict[str, int], said: str) -> None:
    """Whatever it is."""
    assert words.headline(replace(BUSY, **changed)) == said


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, "7 start as soon as a backgrounder that takes them is free; the other 14 are held by a"
             " gate, a budget, a time or a type. 2 backgrounders are idle: they take other types,"
             " or are about to take one. In the last hour 82 ended, none failed."),
        ({"startable": 21, "busy": 13},
         "21 start as soon as a backgrounder is free. In the last hour 82 ended, none failed."),
        ({"startable": 0}, "None can start now: a gate, a budget, a time or a type holds each. In"
                           " the last hour 82 ended, none failed."),
        ({"waiting": 10_001, "looked_at": 1000, "startable": 1, "busy": 13, "failed": 3},
         "Of the first 1,000, 1 starts as soon as a backgrounder is free; the other 999 are held by"
         " a gate, a budget, a time or a type. In the last hour 82 ended, 3 of them failed."),
        ({"waiting": 0, "looked_at": 0, "startable": 0, "ended": 0},
         "Nothing ended in the last hour."),
    ],
)  # fmt: skip
def test_the_lead_says_what_could_start(changed: dict[str, int], said: str) -> None:
    """And how the hour went."""
    assert text(words.lead(replace(BUSY, **changed))) == said


@pytest.mark.parametrize(
    ("wait", "said"),
    [
        (WAIT, "It waits because the site finance is at its limit: 3 of 3 run."),
        (replace(WAIT, kind="datasource", reason="datasource busy (job 12)", datasource="fx",
                 blocker=12),
         "It waits because its datasource fx is busy: job 12 runs."),
        (replace(WAIT, kind="schedule", reason="serial schedule busy (job of another site)",
                 schedule="nightly"),
         "It waits because its serial schedule nightly is busy: a job that you may not see runs."),
        (replace(WAIT, kind="site budget", reason="site budget spent (refill 00:00)"),
         "It waits because the site finance has spent its budget: it is refilled at 00:00."),
        (replace(WAIT, kind="time", reason="not before 09:00"),
         "It waits for its time: not before 09:00."),
        (replace(WAIT, kind="no node", reason="no node takes flows"),
         "It waits because no node takes flows."),
        (replace(WAIT, kind="paused", reason="paused (etl-1 drained)"),
         "It waits: paused (etl-1 drained)."),
        (replace(WAIT, kind="next", reason="next in line behind 0"),
         "It is next in line: it starts as soon as a backgrounder that takes it is free."),
        (replace(WAIT, kind="next", reason="next in line behind 1"),
         "It is in line: 1 job that could start, too, is before it."),
        (replace(WAIT, kind="next", reason="next in line behind more than 10000"),
         "It is in line: more than 10000 jobs that could start, too, are before it."),
        (replace(WAIT, kind="eclipse", reason="moon in the way"), "It waits: moon in the way."),
    ],
)  # fmt: skip
def test_why_a_job_waits_is_one_sentence(wait: Wait, said: str) -> None:
    """In the words of the view queue, also for a kind that is not known here."""
    assert text(words.why_it_waits(wait)) == said


def test_what_ends_a_wait_names_the_run_that_should_end_first() -> None:
    """With a link to it."""
    wait = replace(
        WAIT, holder=7, who="General ledger", until="The first should end at about 20:46"
    )
    sentence = words.what_ends_the_wait(wait)

    assert text(sentence) == (
        "It starts when one of them ends and no better job of that gate waits. The first should end"
        " at about 20:46: General ledger."
    )
    assert [part.path for part in sentence if part.path] == ["/job/7"]


def test_every_kind_says_what_ends_it() -> None:
    """And how it looks."""
    assert set(words.THEN) == set(words.KINDS)


@pytest.mark.parametrize(
    ("kind", "reason", "said"),
    [
        ("site limit", "site limit (0 of 0 running)", "when somebody raises the limit"),
        ("site budget", "site budget spent (refill 00:00)", "gives the site a budget"),
        ("paused", "paused (site acme, by anna)", "when somebody resumes"),
        ("held", "datasource held (prepared transaction 'x')", "ends that prepared transaction"),
        ("no node", "no node takes flows", "Only a person can see to that"),
        ("paused", "paused (etl-1 drained)", "Only a person can see to that"),
    ],
)
def test_what_time_does_not_end_is_not_promised(kind: str, reason: str, said: str) -> None:
    """It says who has to do what."""
    sentence = text(
        words.what_ends_the_wait(replace(WAIT, kind=kind, reason=reason, needs_person=True))
    )

    assert said in sentence
    assert "refill" not in sentence
    assert "one of them ends" not in sentence


@pytest.mark.parametrize(
    ("usual", "said"),
    [
        (None, ("its usual time is not known", False)),
        (600.0, ("about 20:41", False)),
        (60.0, ("4 min over its usual time", True)),
    ],
)
def test_an_end_that_is_past_is_not_expected(usual: float, said: tuple[str, bool]) -> None:
    """It says by how much it is over."""
    began = NOW - timedelta(minutes=5)

    assert words.expected_end(began, usual, "UTC", NOW) == said


@pytest.mark.parametrize(
    ("causes", "said"),
    [
        ([], "It started 8 min late."),
        ([("datasource", 0, 7)],
         "It started 8 min late, most of it because its datasource was busy."),
        ([("schedule", 0, 1), ("clock", 1, 3)],
         "It started 8 min late, 2 min of it because it was added late."),
        ([("datasource", 0, 2), ("schedule", 2, 5), ("datasource", 5, 8)],
         "It started 8 min late, most of it because its datasource was busy."),
    ],
)  # fmt: skip
def test_why_it_was_late_names_the_greatest_cause(
    causes: list[tuple[str, int, int]], said: str
) -> None:
    """Summed up over its stretches."""
    stretches = [
        Held(cause, NOW + timedelta(minutes=start), NOW + timedelta(minutes=end))
        for cause, start, end in causes
    ]

    late = words.why_it_was_late(timedelta(minutes=8), stretches, is_scheduled=True)
    assert text(late) == said


@pytest.mark.parametrize(
    ("better", "worse", "said"),
    [
        (0, 0, "No other job started while it waited."),
        (1, 0, "1 job that came before it in the order started while it waited."),
        (0, 2, "2 jobs that came behind it started while it waited, as they could start when it"
               " could not."),
        (15, 22, "15 jobs that came before it in the order started while it waited, and 22 jobs"
                 " that came behind it, which could start when it could not."),
    ],
)  # fmt: skip
def test_who_went_first_is_counted(better: int, worse: int, said: str) -> None:
    """Before and behind it."""
    assert text(words.who_went_first(better, worse, is_least=False)) == said


@pytest.mark.parametrize(
    ("job", "said"),
    [
        ({"outcome": "cancelled", "cancelled_by": "bob", "failed_as": None, "started_at": None},
         "It was cancelled by bob while it waited."),
        ({"outcome": "failed", "cancelled_by": None, "failed_as": "timed out", "started_at": NOW},
         "It started at once, and failed as it ran for too long."),
        ({"outcome": "succeeded", "cancelled_by": None, "failed_as": None, "started_at": NOW},
         "It started at once, and succeeded."),
    ],
)  # fmt: skip
def test_how_a_job_ended_that_was_not_late(job: dict[str, object], said: str) -> None:
    """Or that never started."""
    assert text(words.how_it_ended(job)) == said


@given(st.text())
def test_a_fact_is_never_read_as_a_sentence(reason: str) -> None:
    """Curly brackets in it are just that."""
    assert text(words.why_it_waits(replace(WAIT, kind="?", reason=reason))) == (
        f"It waits: {reason}."
    )


@pytest.mark.parametrize(
    ("jobs", "passed", "reasons", "said", "why"),
    [
        (0, 0, None, "schedule s has nothing to run: no task of it is enabled", None),
        (0, 2, ["task 1: suspended", "task 2: has job 8"], "nothing of schedule s was started",
         "task 1: suspended; task 2: has job 8"),
        (3, 0, None, "3 jobs queued", None),
        (1, 7, ["task 1: suspended"], "1 job queued, 7 passed over",
         "task 1: suspended; and 6 more"),
    ],
)  # fmt: skip
def test_what_became_of_a_schedule_is_told(
    jobs: int, passed: int, reasons: list[str] | None, said: str, why: str | None
) -> None:
    """Also of what was passed over."""
    row = {"jobs": jobs, "passed_over": passed, "reasons": reasons}

    assert words.started("s", row) == (said, why)
