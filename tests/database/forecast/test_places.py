"""The place of a job that is yet to come is the one that SQL will give it, to the last digit."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest

from pgdispatch.forecast.rules.places import mean_seconds, queued_at
from pgdispatch.forecast.run import MICROS
from support.sessions.clock import NOON
from support.sessions.verbs import Verbs

MEANS = """
select avg(extract(epoch from u.micros * interval '1 microsecond'))::double precision
from unnest(%s::bigint[], %s::integer[]) as u (micros, n)
group by u.n
order by u.n
"""
QUEUED_AT = """
select pgdispatch.micros((pgdispatch.place_in_batch(
    jsonb_populate_record(null::pgdispatch.job, jsonb_build_object(
        'created_at', c.at, 'scheduled_at', s.at
    )), 0::smallint, null
)).queued_at)
from unnest(%s::timestamptz[], %s::timestamptz[]) with ordinality as u (created, scheduled, n)
cross join lateral (select u.created as at) as c
cross join lateral (select u.scheduled as at) as s
order by u.n
"""


@pytest.mark.newest_only
def test_a_mean_of_run_times_is_rounded_as_sql_does(verbs: Verbs) -> None:
    """From microseconds to weeks, of one run to three hundred."""
    random = Random(1)  # noqa: S311  # reproducible, not secret
    runs = [
        [random.randrange(10 ** random.randrange(1, 13)) for _ in range(random.randrange(1, 300))]
        for _ in range(300)
    ]
    flat = [(micros, n) for n, some in enumerate(runs) for micros in some]

    by_sql = verbs.values(MEANS, [m for m, _ in flat], [n for _, n in flat])

    assert [mean_seconds(sum(some), len(some)) for some in runs] == by_sql


@pytest.mark.newest_only
@pytest.mark.parametrize("batch", [60, 7])
def test_a_batch_is_the_one_of_sql(verbs: Verbs, batch: int) -> None:
    """In time, just late, and long late."""
    verbs.run("update pgdispatch.setting set value = %s where name = 'batch_seconds'", str(batch))
    begin = [NOON + timedelta(seconds=n) for n in (0, 1, 59.5, 60, 3599)]
    pairs = [
        (scheduled + timedelta(seconds=late), scheduled)
        for scheduled in begin
        for late in (-5, 0, 0.25, 7, 7.000001, 59.999999, 60, 60.000001, 61, 7200.5)
    ]

    by_sql = verbs.values(QUEUED_AT, [c for c, _ in pairs], [s for _, s in pairs])

    epoch = NOON - timedelta(microseconds=round(NOON.timestamp() * MICROS))
    micros = [tuple((at - epoch) // timedelta(microseconds=1) for at in pair) for pair in pairs]
    assert [queued_at(c, s, batch * MICROS) for c, s in micros] == by_sql
