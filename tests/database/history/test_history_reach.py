"""How far so many ends reach: what bounds the looks of those who see few of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

import psycopg
import pytest

from support.rights.two_sites import Sites, acting_as
from support.sessions.verbs import Verbs

REACH = "select pgdispatch.history_reach(%s, p_before => %s, p_after => %s, p_is_rare => %s)"
ENDED = """
insert into pgdispatch.job_history
select r.*
from pgdispatch.job_history as h
cross join lateral jsonb_populate_record(h, jsonb_build_object(
    'id', 1000 + %s::bigint, 'task', %s::bigint, 'ended_at', %s::timestamptz, 'outcome', %s::text,
    'backgrounder', %s::text
)) as r
where h.id < 1000
limit 1
"""


def test_it_reaches_as_far_as_so_many_ends(verbs: Verbs) -> None:
    """Backwards and forwards, of all and of the rare ones, in whole seconds outwards."""
    random, ends = Random(7), []  # noqa: S311  # nothing secret
    verbs.register()
    job = verbs.job()
    verbs.claim()
    verbs.finish(job)
    start = verbs.value("select date_trunc('second', ended_at) from pgdispatch.job_history")
    verbs.run("update pgdispatch.job_history set ended_at = %s", start)
    for number in range(60):
        at = start + timedelta(milliseconds=random.randrange(1, 90_000))
        outcome = random.choice(("succeeded", "failed", "cancelled"))
        verbs.run(ENDED, number, None, at, outcome, "n:1")
        ends.append((at, outcome))
    ends.append((start, "succeeded"))

    for _ in range(40):
        look_at, is_rare = random.randrange(1, 40), random.random() < 0.5
        edge = start + timedelta(milliseconds=random.randrange(0, 90_000))
        fit = sorted(at for at, outcome in ends if not is_rare or outcome != "succeeded")
        before = [at for at in fit if at < edge][-look_at:]
        after = [at for at in fit if at > edge][:look_at]
        assert verbs.value(REACH, look_at, edge, None, is_rare) == (
            whole(before[0]) if len(before) == look_at else None
        )
        assert verbs.value(REACH, look_at, None, edge, is_rare) == (
            whole(after[-1]) + timedelta(seconds=1) if len(after) == look_at else None
        )


def whole(at: datetime) -> datetime:
    """Return an instant without the part of its second."""
    return at.replace(microsecond=0)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("0", "cannot look at 0 ends"),
        ("null", "cannot look at null ends"),
        ("100001", "cannot look at 100001 ends"),
        ("10, p_before => now(), p_after => now()", "before an instant or after one"),
    ],
)
def test_what_makes_no_sense_is_refused(verbs: Verbs, asked: str, words: str) -> None:
    """With what to give instead."""
    with pytest.raises(psycopg.Error, match=words) as refused:
        verbs.run(f"select pgdispatch.history_reach({asked})")

    assert refused.value.sqlstate == "JD001"
    assert refused.value.diag.message_hint


def test_the_confined_cannot_feel_for_the_ends_of_others(sites: Sites) -> None:
    """They look at ten thousand, whatever they ask for, and at no task of others."""
    verbs, acme, globex = sites
    for task in (acme.task, globex.task):
        for number in range(10_000):
            if number % 1000 == 0:  # a thousand at a time
                verbs.run(
                    ENDED.replace("cross join lateral", "cross join generate_series(1, 1000) as n "
                                  "cross join lateral").replace("limit 1", "limit 1000"),
                    number, task, "2026-01-01", "succeeded", "n:1",
                )  # fmt: skip

    asked = "select pgdispatch.history_reach({}, p_task => {}) is not null"
    with acting_as(verbs, "acme_viewer"):
        own, other = (verbs.value(asked.format(10_000, task)) for task in (acme.task, globex.task))
        nearer = verbs.value("select pgdispatch.history_reach(1) < '2026-01-02'")

    assert (own, other, nearer) == (True, False, True)
