"""What a producer may ask of the jobs that it inserted, and of no others."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from support.rights.two_sites import acting_as
from support.sessions.verbs import Verbs

NEW = "insert into pgdispatch.job (type, site) values ('system', 'default') returning *"


@pytest.fixture(params=["producer", "site_producer"])
def producers(verbs: Verbs, request: pytest.FixtureRequest) -> Iterator[Verbs]:
    """Give two producers, one and two."""
    sites = ["default"] if request.param == "site_producer" else None
    for name in ("one", "two"):
        verbs.run(f"drop role if exists own_{name}")
        verbs.run(f"create role own_{name} login")
        verbs.run(
            "select pgdispatch.grant_role(%s, %s, %s)",
            f"own_{name}", request.param.removeprefix("site_"), sites,
        )  # fmt: skip
    yield verbs
    verbs.run("reset session authorization")
    for name in ("one", "two"):
        verbs.run(f"drop owned by own_{name}")
        verbs.run(f"drop role own_{name}")


def test_an_insert_returns_what_it_has_filled_in_and_shows_no_others_job(producers: Verbs) -> None:
    """Nor its number."""
    with acting_as(producers, "own_one"):
        mine = producers.row(NEW)
    with acting_as(producers, "own_two"):
        theirs = producers.row(NEW)
        seen = producers.values("select id from pgdispatch.job")

    assert (mine["priority"], mine["state"], mine["inserted_by"]) == (50, "ready", "own_one")
    assert seen == [theirs["id"]]


def test_a_producer_asks_why_its_job_waits_and_cancels_it(producers: Verbs) -> None:
    """Who has cancelled it is recorded; a second time it is told that it has ended."""
    with acting_as(producers, "own_one"):
        job = producers.row(NEW)["id"]
        why = producers.row("select position, reason from pgdispatch.why_own_job(%s)", job)
        said = producers.value("select pgdispatch.cancel_own_job(%s, 'not needed')", job)
        with pytest.raises(psycopg.Error) as again:
            producers.run("select pgdispatch.cancel_own_job(%s)", job)
        mine = producers.row(
            "select state, cancel_reason from pgdispatch.own_job where job = %s", job
        )

    ended = "select cancelled_by, cancel_reason from pgdispatch.job_history where id = %s"
    assert why["position"] == 1
    assert (said, again.value.sqlstate) == ("cancelled", "JD004")
    assert mine == {"state": "cancelled", "cancel_reason": "not needed"}
    assert producers.row(ended, job) == {"cancelled_by": "own_one", "cancel_reason": "not needed"}


@pytest.mark.parametrize("state", ["waiting", "ended", "unknown"])
def test_of_anothers_job_a_producer_is_told_that_it_has_none(producers: Verbs, state: str) -> None:
    """Word for word as of one that never was; nothing becomes of it."""
    job = producers.job()
    if state == "ended":
        producers.run("select pgdispatch.cancel(%s)", job)
    asked = job + 1000 if state == "unknown" else job

    with acting_as(producers, "own_one"):
        why = producers.rows("select * from pgdispatch.why_own_job(%s)", asked)
        with pytest.raises(psycopg.Error) as refused:
            producers.run("select pgdispatch.cancel_own_job(%s)", asked)

    assert why == []
    assert refused.value.sqlstate == "JD002"
    assert str(refused.value).splitlines()[0] == f"you have no job {asked}"
    assert producers.value("select count(*) from pgdispatch.job") == (state != "ended")
