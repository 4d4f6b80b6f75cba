"""A fire of thousands beside backgrounders that claim and finish."""

from __future__ import annotations

from threading import Event

import pytest

from support.sessions.clock import Clock
from support.sessions.ring import Ring, Session
from support.sessions.rivals import together
from support.sessions.timetable import tick
from support.sessions.verbs import Verbs

HOURLY = "every 1 hour from 00:00 to 23:59"
MANY = 10_000
DOUBLES = """
select task from (
    select task, scheduled_at from pgdispatch.job
    union all
    select task, scheduled_at from pgdispatch.job_history
) as made
where task is not null
group by task, scheduled_at having count(*) > 1
"""


@pytest.fixture
def verbs(ring: Ring) -> Verbs:
    """Act outside the race."""
    return ring.watch


class Helper:
    """A backgrounder that runs what there is until it is told to stop."""

    def __init__(self, ring: Ring, number: int, over: Event) -> None:
        self.session: Session = ring.session()
        self.name = f"n:{number}"
        self.over = over
        self.during = 0
        self.is_firing = Event()

    def run(self) -> None:
        """Claim, finish and claim; the last job is finished as well."""
        verbs, got = self.session.verbs, None
        while not self.over.is_set() or got is not None:
            if got is None or got.verdict == "again":
                got = verbs.ask(self.name)
            else:
                got = verbs.finish(got.id, claim=not self.over.is_set())
                self.during += self.is_firing.is_set()


def test_ten_thousand_tasks_fire_while_eight_backgrounders_claim(ring: Ring, verbs: Verbs) -> None:
    """One job for each, none twice, and nobody who claims waits for the fire to end."""
    clock = Clock(verbs.connection)
    verbs.schedule("hourly", recurrence=HOURLY)
    verbs.run("insert into pgdispatch.task (type, title, schedule, datasource) select "
              "'full_extract', 'a task', 'hourly', 'data ' || n %% 50 "
              "from generate_series(1, %s) as n", MANY)  # fmt: skip
    verbs.run("insert into pgdispatch.job (type) select 'system' from generate_series(1, 5000)")
    clock.advance(3600)
    over = Event()
    helpers = [Helper(ring, number, over) for number in range(1, 9)]
    took: list[float] = []

    def fire() -> None:
        try:
            for helper in helpers:
                helper.is_firing.set()
            before = verbs.value("select clock_timestamp()")
            assert tick(verbs) == MANY
            took.append((verbs.value("select clock_timestamp()") - before).total_seconds())
            for helper in helpers:
                helper.is_firing.clear()
        finally:
            over.set()

    errors = together([*[helper.run for helper in helpers], fire])

    print(f"fire of {MANY} jobs beside 8 backgrounders: {took} s")
    assert errors == []
    assert ring.deadlocks() == 0
    assert sum(helper.during for helper in helpers) > 0
    assert verbs.values(DOUBLES) == []
    count = (
        "select (select count(*) from pgdispatch.job where task is not null)"
        " + (select count(*) from pgdispatch.job_history where task is not null)"
    )
    assert verbs.value(count) == MANY
    assert verbs.sweep() == 0
