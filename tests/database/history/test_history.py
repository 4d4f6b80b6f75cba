"""The history: monthly partitions, made ahead, dropped whole."""

from __future__ import annotations

from datetime import UTC, datetime

from support.sessions.clock import Clock
from support.sessions.verbs import Verbs

IN_ODD_SETTINGS = True

PARTITIONS = """
select relname from pg_class
where relispartition and relkind = 'r' and relnamespace = 'pgdispatch'::regnamespace
order by relname
"""


def roll(verbs: Verbs, clock: Clock, year: int, month: int) -> list[str]:
    """Roll the history at the middle of a month and return the partitions there are then."""
    clock.set(datetime(year, month, 15, tzinfo=UTC))
    verbs.run("select pgdispatch.roll_history()")
    return verbs.values(PARTITIONS)


def test_partitions_are_made_two_months_ahead(verbs: Verbs, clock: Clock) -> None:
    """Across the end of a year too."""
    names = roll(verbs, clock, 2031, 11)

    months = ("2031_11", "2031_12", "2032_01", "default")
    wanted = {f"{table}_{month}" for table in ("job_history", "attempt") for month in months}
    assert wanted <= set(names)


def test_rolling_again_changes_nothing(verbs: Verbs, clock: Clock) -> None:
    """Every supervisor may do it."""
    assert roll(verbs, clock, 2031, 11) == roll(verbs, clock, 2031, 11)


def test_jobs_go_to_the_partition_of_the_month_of_their_end(verbs: Verbs, clock: Clock) -> None:
    """By UTC; the default partition stays empty."""
    verbs.run("set timezone = 'Pacific/Auckland'")
    roll(verbs, clock, 2031, 11)
    verbs.job()
    verbs.claim()
    clock.set(datetime(2031, 11, 30, 23, 59, tzinfo=UTC))
    verbs.finish(verbs.value("select id from pgdispatch.job"))

    where = verbs.value("select tableoid::regclass::text from pgdispatch.job_history")

    assert where == "pgdispatch.job_history_2031_11"


def test_old_partitions_are_dropped_whole(verbs: Verbs, clock: Clock) -> None:
    """Once their last day is older than history_keep_days."""
    verbs.run("update pgdispatch.setting set value = '60' where name = 'history_keep_days'")
    roll(verbs, clock, 2031, 1)
    job = verbs.job()
    verbs.claim()
    verbs.requeue(job)
    verbs.drain()

    kept = roll(verbs, clock, 2031, 3)
    later = roll(verbs, clock, 2031, 4)

    old = {"job_history_2031_01", "attempt_2031_01"}
    assert old <= set(kept)
    assert not old & set(later)
    assert {"job_history_2031_02", "job_history_2031_03", "job_history_default"} <= set(later)
    assert verbs.value("select count(*) from pgdispatch.job_history") == 0
    assert verbs.value("select count(*) from pgdispatch.attempt") == 0


def test_changes_are_kept_by_month_for_a_time_of_their_own(verbs: Verbs, clock: Clock) -> None:
    """What the default partition has caught moves to its month; old months are dropped whole."""
    verbs.run("update pgdispatch.setting set value = '60' where name = 'change_keep_days'")
    clock.set(datetime(2031, 1, 15, tzinfo=UTC))
    verbs.site("acme")
    caught = "select tableoid::regclass::text from pgdispatch.change where name = 'acme'"
    assert verbs.values(caught) == ["pgdispatch.change_default"]

    roll(verbs, clock, 2031, 1)
    moved = verbs.values(caught)
    kept = roll(verbs, clock, 2031, 3)
    later = roll(verbs, clock, 2031, 4)

    assert moved == ["pgdispatch.change_2031_01"]
    assert {"change_2031_01", "change_2031_02"} <= set(kept)
    assert "change_2031_01" not in later
    assert {"change_2031_02", "change_2031_06", "job_history_2031_01"} <= set(later)
    assert verbs.values(caught) == []


def test_partitions_have_comments_and_nothing_for_everybody(verbs: Verbs, clock: Clock) -> None:
    """Those made later as well."""
    roll(verbs, clock, 2040, 1)

    bare = verbs.values(
        "select oid::regclass::text from pg_class where relispartition and relkind = 'r' "
        "and obj_description(oid, 'pg_class') is null"
    )

    assert bare == []
