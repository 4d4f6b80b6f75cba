"""Two who insert with one key at once, and whoever starts or ends its job meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from support.sessions.ring import Ring
from support.sessions.rivals import drain, together
from support.sessions.verbs import Verbs

END = ["commit", "rollback"]
ENDS = {
    **dict.fromkeys(("commit", "rollback", "rollback to it")),
    "prepared": "commit prepared 'a key'",
}
TWICE = "select key from pgdispatch.job where key is not null group by key having count(*) > 1"


@pytest.fixture
def verbs(ring: Ring) -> Verbs:
    """Act outside the race."""
    return ring.watch


def insert(on_conflict: str = "refuse", key: str = "a", **columns: Any) -> Callable[[Verbs], Any]:
    """Return an act that inserts a job with a key."""
    return lambda v: v.add("job", type="system", key=key, on_conflict=on_conflict, **columns)


def work(dsn: str) -> None:
    """Run what there is, as two nodes with two backgrounders each."""
    drain(dsn, 2, by_turns_of=2)


def jobs(verbs: Verbs) -> list[int]:
    """Return the jobs in the queue."""
    return verbs.values("select id from pgdispatch.job order by id")


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("on_conflict", ["refuse", "nothing", "replace"])
def test_second_insert_waits_for_the_first(
    ring: Ring, verbs: Verbs, on_conflict: str, end: str
) -> None:
    """Then it does what it says, or is the first."""
    verbs.cancel(insert()(verbs))
    ahead, behind = ring.session(begin=True), ring.session()
    ahead.verbs.run("savepoint it")
    first = insert()(ahead.verbs)
    if end == "prepared":
        ahead.verbs.run("prepare transaction 'a key'")
    waiting = ring.start_waiting(behind, insert(on_conflict, args=Jsonb({"n": 2})))

    ahead.verbs.run(ENDS[end] or end)

    if end.startswith("rollback"):
        assert [waiting.result()] == jobs(verbs)
        return
    if on_conflict == "refuse":
        assert "key 'a' is taken" in str(waiting.exception())
    else:
        assert waiting.result() is None
    assert jobs(verbs) == [first]
    assert verbs.column(first, "args") == ({"n": 2} if on_conflict == "replace" else {})


@pytest.mark.parametrize("isolation", ["repeatable read", "serializable"])
@pytest.mark.parametrize("used", [True, False])
@pytest.mark.parametrize("on_conflict", ["refuse", "nothing", "replace"])
def test_an_old_snapshot_makes_no_second_job(
    ring: Ring, verbs: Verbs, isolation: str, used: bool, on_conflict: str
) -> None:
    """Who cannot see that the key was taken is told to try again (40001)."""
    if used:
        verbs.cancel(insert()(verbs))
    old = ring.session()
    old.verbs.run(f"begin isolation level {isolation}")
    old.verbs.run("select count(*) from pgdispatch.job")
    job = insert()(verbs)

    with pytest.raises(psycopg.errors.SerializationFailure):
        insert(on_conflict)(old.verbs)

    assert jobs(verbs) == [job]


@pytest.mark.parametrize("end", END)
def test_replacing_waits_for_whoever_starts_the_job(ring: Ring, verbs: Verbs, end: str) -> None:
    """If it has started, a new job comes in; else it is replaced."""
    job = insert()(verbs)
    ahead, behind = ring.session(begin=True), ring.session()
    ahead.verbs.claim()
    waiting = ring.start_waiting(behind, insert("replace", args=Jsonb({"n": 2})))

    getattr(ahead, end)()

    made = waiting.result()
    assert jobs(verbs) == ([job, made] if end == "commit" else [job])
    assert verbs.column(made or job, "args") == {"n": 2}
    assert made is None or verbs.column(job, "args") == {}


def test_replacing_a_job_that_starts_is_refused_if_the_key_is_taken_until_it_ends(
    ring: Ring, verbs: Verbs
) -> None:
    """There is nothing left to replace."""
    job = insert(key_until="ended")(verbs)
    ahead, behind = ring.session(begin=True), ring.session()
    ahead.verbs.claim()
    waiting = ring.start_waiting(behind, insert("replace"))

    ahead.commit()

    assert f"job {job} has it: it runs" in str(waiting.exception())


@pytest.mark.parametrize("end", END)
def test_a_claim_passes_over_what_is_being_replaced(ring: Ring, verbs: Verbs, end: str) -> None:
    """It waits for nobody, and then starts the job with what it has."""
    job = insert()(verbs)
    ahead = ring.session(begin=True)
    insert("replace", args=Jsonb({"n": 2}), priority=3)(ahead.verbs)

    assert verbs.claim() is None

    getattr(ahead, end)()
    (started,) = verbs.turn([1])
    assert (started["id"], started["args"]) == (job, {"n": 2} if end == "commit" else {})


@pytest.mark.parametrize("end", END)
def test_replacing_waits_for_whoever_cancels_the_job(ring: Ring, verbs: Verbs, end: str) -> None:
    """If it was cancelled, a new job comes in."""
    job = insert()(verbs)
    ahead, behind = ring.session(begin=True), ring.session()
    ahead.verbs.cancel(job)
    waiting = ring.start_waiting(behind, insert("replace"))

    getattr(ahead, end)()

    made = waiting.result()
    assert jobs(verbs) == ([made] if end == "commit" else [job])


def test_two_keys_in_opposite_order_are_an_ordinary_deadlock(ring: Ring) -> None:
    """One of the two is told so (40P01), and the other goes on."""
    one, two = ring.session(begin=True), ring.session(begin=True)
    insert(key="a")(one.verbs)
    insert(key="b")(two.verbs)
    waits = ring.start_waiting(one, insert("nothing", key="b"))
    last = two.start(insert("nothing", key="a"))

    failed = [error for act in (waits, last) if (error := act.exception())]

    assert [type(error) for error in failed] == [psycopg.errors.DeadlockDetected]


def test_a_crowd_never_makes_two(ring: Ring, verbs: Verbs) -> None:
    """While jobs with few keys are inserted, replaced, started, given back and ended by rivals."""
    verbs.run("insert into pgdispatch.job (type) select 'system' from generate_series(1, 300)")
    kept: list[int | None] = []
    twice: list[str] = []
    refused: set[str | None] = set()

    def produce(number: int, own: Verbs) -> None:
        for n in range(60):
            on_conflict = ("nothing", "replace")[(n + number) % 2]
            try:
                kept.append(
                    insert(on_conflict, f"k{n % 3}", key_until="ended", priority=n + 1)(own)
                )
            except psycopg.Error as error:  # it runs: there is nothing to replace
                refused.add(error.sqlstate)
            twice.extend(own.values(TWICE))

    producers = [partial(produce, n, ring.session().verbs) for n in range(4)]
    errors = together([*producers, partial(work, ring.dsn)])
    drain(ring.dsn, 2)

    keyed = verbs.values("select job from pgdispatch.job_key order by job")
    assert (errors, twice, jobs(verbs)) == ([], [], [])
    assert refused <= {"JD011"}
    assert keyed == sorted(job for job in kept if job)
    assert verbs.value("select count(*) from pgdispatch.job_history") == 300 + len(keyed)
