"""A rename against a job that comes in, a fire, a claim, and a supervisor that takes the name."""

from __future__ import annotations

import psycopg
import pytest

from support.sessions.ring import Ring

RENAME = "select pgdispatch.rename('site', 'acme', 'ajax')"
INSERT = "insert into pgdispatch.job (type, site) values ('system', 'acme')"


@pytest.fixture
def ring(ring: Ring) -> Ring:
    """Give sessions on a database with a site and a task of it on a schedule."""
    ring.watch.site("acme")
    ring.watch.schedule("nightly")
    ring.watch.task(site="acme", schedule="nightly")
    return ring


def sites_of_jobs(ring: Ring) -> set[str]:
    """Return the sites of the jobs in the queue."""
    return set(ring.watch.values("select site from pgdispatch.job"))


@pytest.mark.parametrize(
    "coming", [INSERT, "select pgdispatch.fire('nightly', now())", "select pgdispatch.run_now(1)"]
)
def test_rename_waits_for_a_job_that_is_just_coming_in_and_is_refused(
    ring: Ring, coming: str
) -> None:
    """It cannot be seen yet; the rename looks again at commit, behind it."""
    producer, person = ring.session(begin=True), ring.session()
    producer.verbs.run(coming)
    renaming = ring.start_waiting(person, lambda verbs: verbs.run(RENAME))

    producer.commit()

    with pytest.raises(psycopg.Error, match="jobs of it wait or run"):
        renaming.result(timeout=30)
    assert sites_of_jobs(ring) == {"acme"}
    assert "acme" in ring.watch.values("select name from pgdispatch.site")


def test_job_that_comes_while_a_person_thinks_keeps_the_name(ring: Ring) -> None:
    """The open rename holds up nobody: neither the insert nor a claim; at commit it is refused."""
    person, producer = ring.session(begin=True), ring.session()
    person.verbs.run(RENAME)

    producer.verbs.run(INSERT)
    claimed = producer.verbs.claim()

    assert claimed is not None
    with pytest.raises(psycopg.Error, match="jobs of it wait or run"):
        person.commit()
    assert sites_of_jobs(ring) == {"acme"}


def test_supervisor_that_takes_a_name_meanwhile_keeps_it(ring: Ring) -> None:
    """A rename that waits for it sees that the node is up."""
    ring.watch.run("insert into pgdispatch.node (name) values ('etl')")
    supervisor, person = ring.session(begin=True), ring.session()
    supervisor.verbs.run("select pgdispatch.register_node('etl', gen_random_uuid())")
    renaming = ring.start_waiting(
        person, lambda verbs: verbs.run("select pgdispatch.rename('node', 'etl', 'x')")
    )

    supervisor.commit()

    with pytest.raises(psycopg.Error, match="is up and cannot be renamed"):
        renaming.result(timeout=30)
