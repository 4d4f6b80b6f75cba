"""Changes of state are told: once, not too early, and taken back when forecasts are calm again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from support.sessions.clock import Clock
from support.sessions.contracts import begin, foretell, judge, promise, standing
from support.sessions.outbox import delivery, reach, tell, tend, told
from support.sessions.timetable import change
from support.sessions.verbs import Verbs

DAY = datetime(2026, 3, 3, tzinfo=UTC)
AT_RISK, WORSE = ("contract_at_risk", "at risk"), ("contract_at_risk", "will be late")
FRESH = ("contract_fresh", "fresh")
BROKEN, LATE = ("contract_broken", "broken"), ("contract_late", "late")


@pytest.fixture
def contract(verbs: Verbs, clock: Clock) -> int:
    """Promise the data of a task that runs each night, at four in the morning of the next day."""
    verbs.site("acme")
    verbs.schedule("nightly", recurrence="daily at 05:00")
    verbs.task(title="Sales", schedule="nightly", datasource="sales", site="acme")
    made = promise(verbs, datasource="sales", site="acme")
    clock.set(DAY + timedelta(hours=4))
    return made


def test_a_risk_is_told_once_and_taken_back_after_two_calm_forecasts(
    verbs: Verbs, clock: Clock, contract: int
) -> None:
    """Less than half of the chance, twice in a row; one look at one forecast counts once."""
    seen = []
    for late in (2, 2, 0, 2, 0):
        foretell(verbs, contract, late)
        judge(verbs, clock)
        seen.append((judge(verbs, clock), standing(verbs, contract)))
    foretell(verbs, contract, 0)
    seen.append((judge(verbs, clock), standing(verbs, contract)))

    assert seen == [([AT_RISK], "at risk")] * 5 + [([AT_RISK, FRESH], "fresh")]


def test_it_gets_worse_and_better_a_step_at_a_time(
    verbs: Verbs, clock: Clock, contract: int
) -> None:
    """Will be late is told after at risk, and falls back to that; nothing is told twice."""
    states = []
    for late in (3, 6, 3, 2, 2, 6, 9):
        foretell(verbs, contract, late)
        judge(verbs, clock)
        states.append(standing(verbs, contract))

    expected = ["at risk", "will be late", "will be late", "will be late", "at risk"]
    assert states == [*expected, "will be late", "will be late"]
    assert judge(verbs, clock) == [AT_RISK, WORSE]


def test_a_chance_is_told_warn_before_ahead_at_the_earliest(
    verbs: Verbs, clock: Clock, contract: int
) -> None:
    """It is shown before; what nothing is scheduled for is told at once."""
    clock.set(DAY + timedelta(hours=2))
    foretell(verbs, contract, 6)
    early = judge(verbs, clock), standing(verbs, contract)
    clock.set(DAY + timedelta(hours=3))
    foretell(verbs, contract, 6)
    in_time = judge(verbs, clock)
    clock.set(DAY - timedelta(hours=3))
    change(verbs, "schedule", "name", "nightly", enabled=False)

    at_once = judge(verbs, clock)

    assert early == ([], "will be late")
    assert in_time == [WORSE]
    assert at_once == [WORSE, BROKEN]


def test_late_and_then_there(verbs: Verbs, clock: Clock, contract: int) -> None:
    """Each said in words: the name, the due time, the job in the way, and where to look."""
    change(verbs, "contract", "id", contract, time_zone="Europe/Berlin", due="daily at 07:30")
    foretell(verbs, contract, 10, at=DAY + timedelta(hours=7))
    judge(verbs, clock)
    job = begin(verbs, clock, DAY + timedelta(hours=5))
    clock.set(DAY + timedelta(hours=6, minutes=31))
    judge(verbs, clock)
    verbs.finish(job)

    judge(verbs, clock)

    risk, late, fresh = told(verbs, "what", "text", "job", "contract", "title", "site", "target")
    name, look = "contract sales of site acme", f"; see pgdispatch contract show {contract}"
    due = "(datasource sales): due 2026-03-03 07:30 Europe/Berlin"
    assert risk[1] == (
        f"{name} will be late {due}, expected 2026-03-03 08:00 Europe/Berlin, chance of being late "
        f"100 %; task 1: scheduled for 2026-03-03 06:00{look}"
    )
    assert late[1] == f"{name} is late {due}; job {job}: it runs since 06:00 on n:1{look}"
    assert fresh[1] == f"{name} is fresh again {due}; data of 2026-03-03 06:00 Europe/Berlin{look}"
    assert late[2:] == (job, contract, "sales", "acme", "ops")
    assert (risk[0], late[0], fresh[0]) == (AT_RISK[0], LATE[0], FRESH[0])


@pytest.mark.usefixtures("contract")
def test_what_breaks_again_is_told_again(verbs: Verbs, clock: Clock) -> None:
    """A second time for one due time, as it was mended in between; else each state once."""
    seen = []
    for enabled in (False, True, False, False):
        change(verbs, "schedule", "name", "nightly", enabled=enabled)
        seen = judge(verbs, clock)
    clock.set(DAY + timedelta(hours=8))

    seen = judge(verbs, clock)

    assert seen == [BROKEN, FRESH, BROKEN]


def test_rules_and_the_target_of_a_contract_are_told_once_each(
    verbs: Verbs, clock: Clock, contract: int
) -> None:
    """A rule of the site, one of all, and the contract itself; the same target no second time."""
    tell(verbs, "contract_broken", "ops")
    tell(verbs, "contract_broken", "acme", site="acme")
    tell(verbs, "contract_broken", "other", site="default")
    tell(verbs, "contract_late", "late")
    change(verbs, "schedule", "name", "nightly", enabled=False)
    assert contract

    judge(verbs, clock)

    assert sorted(told(verbs, "target")) == [("acme",), ("ops",)]


def test_it_goes_out_by_the_outbox_once(verbs: Verbs, clock: Clock, contract: int) -> None:
    """In one job, with what a receiver needs to tell contracts and states apart."""
    reach(verbs, "ops")
    change(verbs, "schedule", "name", "nightly", enabled=False)
    clock.advance(11)

    made = [tend(verbs)]
    clock.advance(11)
    made.append(tend(verbs))

    assert made == [1, 0]
    (notice,) = delivery(verbs)["args"]["notices"]
    assert (notice["what"], notice["contract"], notice["state"], notice["title"]) == (
        "contract_broken", contract, "broken", "sales",
    )  # fmt: skip
    assert notice["since"].startswith("2026-03-03T07:00")


def test_the_next_due_time_is_judged_by_itself(verbs: Verbs, clock: Clock, contract: int) -> None:
    """What was late and came is told as fresh, though the next day is at risk already."""
    verbs.run("update pgdispatch.contract set warn_before = '2 days'")
    judge(verbs, clock)
    job = begin(verbs, clock, DAY + timedelta(hours=5))
    clock.set(DAY + timedelta(hours=7, minutes=1))
    judge(verbs, clock)
    verbs.finish(job)
    foretell(verbs, contract, 9)

    seen = judge(verbs, clock)

    assert seen == [LATE, FRESH, WORSE]


def test_contracts_that_are_deleted_or_disabled_are_not_judged(
    verbs: Verbs, clock: Clock, contract: int
) -> None:
    """Nothing is looked at while there is none; and a broken one that is off says nothing."""
    change(verbs, "schedule", "name", "nightly", enabled=False)
    change(verbs, "contract", "id", contract, enabled=False)
    off = judge(verbs, clock)
    change(verbs, "contract", "id", contract, enabled=True)
    on = judge(verbs, clock)
    verbs.run("delete from pgdispatch.contract")

    assert off == []
    assert on == [BROKEN]
    assert judge(verbs, clock) == [BROKEN]
    assert verbs.values("select contract from pgdispatch.contract_state") == []
