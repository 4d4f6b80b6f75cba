"""What an insert looks up of its site and type is always what their own tables say."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from support.servers.embedded import Connect
from support.sessions.ring import Ring
from support.sessions.verbs import Verbs

pytestmark = pytest.mark.usefixtures("newest_only")

DIFFERENCE = """
with wanted as (
    select
        s.name, t.name, t.rank,
        case when l.site is null then t.timeout else l.timeout end,
        t.max_attempts, t.priority_from, t.default_priority, t.run_now_first
    from pgdispatch.site as s
    cross join pgdispatch.job_type as t
    left join pgdispatch.site_timeout as l on l.site = s.name and l.type = t.name
)
(select * from wanted except select * from pgdispatch.site_type)
union all
(select * from pgdispatch.site_type except select * from wanted)
"""
CHANGES = {
    "a new site": "insert into pgdispatch.site (name) values ('apex')",
    "a renamed site": "update pgdispatch.site set name = 'apex' where name = 'acme'",
    "a deleted site": "delete from pgdispatch.site where name = 'acme'",
    "a new type": "insert into pgdispatch.job_type (name, max_attempts) values ('report', 3)",
    "a renamed type": "update pgdispatch.job_type set name = 'mail' where name = 'letter'",
    "a deleted type": "delete from pgdispatch.job_type where name = 'letter'",
    "another rank": "update pgdispatch.job_type set rank = 9 where name = 'letter'",
    "another timeout": "update pgdispatch.job_type set timeout = '1 min' where name = 'letter'",
    "no timeout at a site": """
        insert into pgdispatch.site_timeout (site, type) values ('acme', 'flow')""",
    "another timeout at a site": """
        update pgdispatch.site_timeout set timeout = '2 min' where site = 'acme'""",
    "a timeout taken back": "delete from pgdispatch.site_timeout",
    "all timeouts taken back": "truncate pgdispatch.site_timeout",
}


@pytest.fixture
def setup(verbs: Verbs) -> Verbs:
    """Have a site, a type and a timeout of their own."""
    verbs.run("insert into pgdispatch.site (name) values ('acme')")
    verbs.run("insert into pgdispatch.job_type (name) values ('letter')")
    verbs.run("insert into pgdispatch.site_timeout values ('acme', 'letter', '5 min')")
    return verbs


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_change_is_taken_over_at_once(setup: Verbs, change: str) -> None:
    """By the statement itself, and nothing else changes along with it."""
    before = setup.rows("select * from pgdispatch.site_type order by site, type")

    setup.run(change)

    assert setup.rows(DIFFERENCE) == []
    assert setup.rows("select * from pgdispatch.site_type order by site, type") != before


def test_a_change_writes_no_row_that_stays_as_it_is(setup: Verbs) -> None:
    """Else each would grow the table by all pairs."""
    places = "select site, type, ctid from pgdispatch.site_type where type <> 'flow' order by 1, 2"
    before = setup.rows(places)

    setup.run("update pgdispatch.job_type set timeout = '1 min' where name = 'flow'")

    assert setup.rows(places) == before


def test_a_site_and_a_type_added_at_once_are_a_pair(ring: Ring) -> None:
    """The second waits for the first, and then sees it."""
    one, other = ring.session(begin=True), ring.session()
    one.verbs.run("insert into pgdispatch.site (name) values ('apex')")
    adding = ring.start_waiting(
        other, lambda v: v.run("insert into pgdispatch.job_type (name) values ('report')")
    )
    one.commit()
    adding.result()

    assert ring.watch.rows(DIFFERENCE) == []
    assert ring.watch.job("report", site="apex")


def test_a_transaction_that_would_not_see_the_other_change_is_refused(
    connect: Connect, database: str
) -> None:
    """It could leave a pair out."""
    session: psycopg.Connection[Any] = connect(database, autocommit=False)
    session.execute("set transaction isolation level repeatable read")

    with pytest.raises(psycopg.Error) as refused:
        session.execute("insert into pgdispatch.site (name) values ('apex')")

    assert refused.value.sqlstate == "JD008"
