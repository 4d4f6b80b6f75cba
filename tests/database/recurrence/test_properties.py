"""What next_run and last_run say of each other, for any recurrence, zone and instant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.sessions.local_times import ZONES, change_overs
from support.sessions.verbs import Verbs

BOTH = """
select
    pgdispatch.last_run(%s, %s, %s) as last,
    pgdispatch.next_run(%s, %s, %s) as next
"""
anywhere = st.datetimes(datetime(1975, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC))
hours = st.integers(0, 23)
clocks = st.builds("{:02}:{:02}".format, hours, st.integers(0, 59))
windows = st.just("") | st.builds(" from {:02}:07 to {:02}:09".format, hours, hours)
steps = ["15 minutes", "30 minutes", "hour", *(f"{hours} hours" for hours in (1, 2, 4, 6, 8, 12))]
weekdays = st.sampled_from(["sun", "mon", "tuesday", "fri", "saturday"])
days = st.integers(1, 31).map(str) | st.just("last")
orders = st.sampled_from(["first", "second", "third", "fourth", "fifth", "last"])
recurrences = st.one_of(
    st.builds("every {}{}".format, st.sampled_from(steps), windows),
    clocks.map("daily at {}".format),
    st.builds("weekly on {}, {} at {}".format, weekdays, weekdays, clocks),
    st.builds("monthly on {}, {} at {}".format, days, days, clocks),
    st.builds("monthly on {} {} at {}".format, orders, weekdays, clocks),
    st.sampled_from(["cron 0 2 29 2 *", "cron */5 0-3 * * 0", "cron 30 1,2,13 1 * mon#1"]),
)


@st.composite
def moments(draw: st.DrawFn) -> tuple[str, datetime]:
    """Draw a zone and an instant: any, or close to a change-over."""
    zone = draw(st.sampled_from(ZONES))
    near = change_overs(zone)
    if not near or draw(st.booleans()):
        return zone, draw(anywhere)
    minutes = draw(st.integers(-180, 180) | st.integers(-2000, 2000))
    return zone, draw(st.sampled_from(near)) + timedelta(minutes=minutes)


@settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(recurrence=recurrences, moment=moments())
def test_no_run_is_between_the_last_and_the_next(
    verbs: Verbs, recurrence: str, moment: tuple[str, datetime]
) -> None:
    """The next is after, the last is not, and each is the other's neighbour."""
    zone, at = moment
    verbs.run("set timezone to 'Pacific/Auckland'")

    def ask(instant: datetime) -> tuple[datetime, datetime]:
        row = verbs.row(BOTH, *[recurrence, zone, instant] * 2)
        return row["last"].astimezone(UTC), row["next"].astimezone(UTC)

    latest, following = ask(at)
    tick = timedelta(microseconds=1)

    assert latest <= at < following
    assert ask(following)[0] == following
    assert ask(following - tick) == ask(latest) == (latest, following)
    assert ask(latest - tick)[1] == latest


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(recurrence=recurrences, moment=moments())
def test_next_runs_are_those_that_next_run_gives_one_by_one(
    verbs: Verbs, recurrence: str, moment: tuple[str, datetime]
) -> None:
    """A preview shows what will happen."""
    zone, at = moment

    together = verbs.value("select pgdispatch.next_runs(%s, %s, %s, 5)", recurrence, zone, at)

    assert together == [
        verbs.value("select pgdispatch.next_run(%s, %s, %s)", recurrence, zone, after)
        for after in [at, *together[:-1]]
    ]


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(moment=moments())
def test_local_instant_of_what_the_clocks_show_is_not_later(
    verbs: Verbs, moment: tuple[str, datetime]
) -> None:
    """It is the same instant, or the first of two that look alike."""
    zone, at = moment
    local = at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)

    found = verbs.value("select pgdispatch.local_instant(%s, %s)", local, zone)

    assert found <= at
    assert found.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == local


@pytest.mark.parametrize("at", ["infinity", "-infinity", None])
def test_no_instant_has_no_run(verbs: Verbs, at: str | None) -> None:
    """Nor does a schedule without a recurrence."""
    row = verbs.row(
        """
        select
            pgdispatch.next_run('daily at 06:30', 'UTC', %s),
            pgdispatch.last_run('daily at 06:30', 'UTC', %s),
            pgdispatch.next_run(null, 'UTC', now()) as none
        """,
        at,
        at,
    )

    assert set(row.values()) == {None}
