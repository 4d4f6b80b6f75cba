"""A transaction that goes on and on holds the lock of a gate: nobody else is held up by it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pgdispatch import doctor
from support.sessions.ring import Ring, Session
from support.sessions.verbs import Claimed, Verbs

NOTICES = "select distinct gate from pgdispatch.gate_notice"
HOLDS_ACME = "select pgdispatch.lock_gates(array['site/acme'], true)"


@pytest.fixture
def verbs(ring: Ring) -> Verbs:
    """Act outside the race; claims wait for a second at most."""
    ring.watch.run("update pgdispatch.setting set value = 1 where name = 'gate_wait_seconds'")
    ring.watch.site("acme", 2)
    return ring.watch


@pytest.fixture
def person(ring: Ring) -> Session:
    """Give a person who has changed the limit of acme, and thinks about it.

    Her transaction holds the gate of acme, as with a claim or an end of a job in it.
    """
    thinking = ring.session(begin=True)
    thinking.verbs.run("set application_name = 'pencil'")
    thinking.verbs.run("set constraints all immediate")
    thinking.verbs.limit("acme", 3)
    thinking.verbs.run(HOLDS_ACME)
    return thinking


@pytest.fixture
def prepared(ring: Ring, person: Session) -> Iterator[str]:
    """Give the name of a prepared transaction that has changed the limit of acme."""
    person.verbs.run("prepare transaction 'the limit'")
    yield "the limit"
    if ring.watch.values("select gid from pg_prepared_xacts"):
        ring.watch.run("rollback prepared 'the limit'")


def reason(verbs: Verbs, job: int) -> str:
    """Return why a job waits, as both why and the queue say."""
    (told,) = verbs.values("select reason from pgdispatch.why(%s)", job)
    assert verbs.values("select reason from pgdispatch.queue where job = %s", job) == [told]
    return str(told)


def test_claim_passes_over_the_jobs_of_a_gate_that_a_person_holds(
    verbs: Verbs, person: Session
) -> None:
    """And comes back to them, by the new limit, once that transaction has ended."""
    held = [verbs.job(site="acme", priority=1) for _ in range(4)]
    free = [verbs.job() for _ in range(2)]

    assert [verbs.claim("n:1"), verbs.claim("n:2"), verbs.claim("n:3")] == [*free, None]
    assert verbs.sweep() == 0
    person.commit()
    assert [verbs.claim(f"n:{number}") for number in (3, 4, 5, 6)] == [*held[:3], None]
    assert verbs.values(NOTICES) == []
    assert verbs.finish(held[0], claim=True) == Claimed("run", held[3], 1)
    assert verbs.sweep() == 0


def test_claim_passes_over_the_jobs_of_a_gate_that_a_prepared_transaction_holds(
    verbs: Verbs, prepared: str
) -> None:
    """Which has no process."""
    held, free = verbs.job(site="acme", priority=1), verbs.job()

    assert [verbs.claim("n:1"), verbs.claim("n:2")] == [free, None]
    verbs.register()
    owner = verbs.value("select current_user")
    told = f"site held (prepared transaction '{prepared}' of {owner})"
    assert reason(verbs, held) == told
    verbs.run("rollback prepared 'the limit'")
    assert reason(verbs, held) == "next in line behind 0"
    assert verbs.claim("n:2") == held


def test_second_claim_does_not_wait_for_a_gate_of_which_the_first_has_left_a_notice(
    ring: Ring, verbs: Verbs, person: Session
) -> None:
    """Though it might wait for minutes."""
    free = [verbs.job(priority=90 + place) for place in range(2)]
    verbs.job(site="acme")
    assert verbs.claim("n:1") == free[0]
    verbs.run("update pgdispatch.setting set value = 600 where name = 'gate_wait_seconds'")

    verbs.job(site="acme")
    claim = ring.session().start(lambda v: v.claim("n:2"))

    assert claim.result(60) == free[1]
    person.rollback()


@pytest.mark.usefixtures("clock")
def test_reason_says_whose_transaction_is_in_the_way(verbs: Verbs, person: Session) -> None:
    """By process, user and application; while it is."""
    verbs.register()
    job = verbs.job(site="acme")
    assert verbs.claim("n:1") is None
    owner = verbs.value("select current_user")

    assert reason(verbs, job) == (
        f"site held (transaction of {owner}, process {person.pid}, pencil)"
    )
    person.rollback()
    assert reason(verbs, job) == "next in line behind 0"


@pytest.mark.usefixtures("clock")
def test_person_confined_to_a_site_is_not_told_whose_transaction_it_is(
    verbs: Verbs, person: Session
) -> None:
    """Only that there is one."""
    verbs.register()
    job = verbs.job(site="acme")
    assert verbs.claim("n:1") is None
    verbs.run("create role nosy login")
    try:
        verbs.run("select pgdispatch.grant_role('nosy', 'viewer', '{acme}')")
        verbs.run("set session authorization nosy")
        assert reason(verbs, job) == "site held (somebody's transaction)"
    finally:
        verbs.run("reset session authorization")
        verbs.run("drop owned by nosy")
        verbs.run("drop role nosy")
        person.rollback()


def test_doctor_names_the_transaction_and_how_to_end_it(verbs: Verbs, person: Session) -> None:
    """With the gate and how many wait."""
    verbs.job(site="acme")
    assert verbs.claim("n:1") is None

    found = [one for one in doctor.examine(verbs.connection).findings if "site/acme" in one.problem]

    assert [(one.problem, one.advice) for one in found] == [(
        "a transaction holds up the jobs of site/acme",
        f"end that transaction, or: select pg_terminate_backend({person.pid})",
    )]  # fmt: skip
    person.rollback()


@pytest.mark.parametrize("end", ["finish", "fail", "requeue", "declare_lost"])
def test_end_of_a_job_whose_gate_a_person_holds_is_recorded(
    verbs: Verbs, person: Session, end: str
) -> None:
    """And who waits for its room gets it when that transaction has ended."""
    person.rollback()
    jobs = [verbs.job(site="acme") for _ in range(3)]
    assert [verbs.claim("n:1"), verbs.claim("n:2"), verbs.claim("n:3")] == [*jobs[:2], None]
    person.begin()
    person.verbs.run(HOLDS_ACME)
    free = verbs.job(priority=100)

    match end:
        case "finish":
            assert verbs.finish(jobs[0], claim=True) == Claimed("run", free, 1)
        case "fail":
            assert verbs.fail(jobs[0], claim=True) == Claimed("run", free, 1)
        case "requeue":
            verbs.requeue(jobs[0])
        case _:
            verbs.run("select pgdispatch.declare_lost('n')")
    ended = verbs.state(jobs[0])

    assert ended == {"finish": "succeeded", "fail": "failed"}.get(end, "waiting")
    person.commit()
    expected = jobs[2] if ended != "waiting" else jobs[0]
    assert verbs.claim("n:4") == expected
    assert verbs.sweep() == 0


@pytest.mark.parametrize("hangs", ["claim", "finish"])
@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_client_that_hangs_in_a_claim_or_finish_holds_up_the_jobs_of_its_gates_only(
    ring: Ring, verbs: Verbs, hangs: str, end: str
) -> None:
    """Whatever becomes of it in the end."""
    first, second = (verbs.job(datasource="sales") for _ in range(2))
    if hangs == "finish":
        assert verbs.claim("n:1") == first
    free = [verbs.job(priority=100) for _ in range(2)]
    hung = ring.session(begin=True)
    if hangs == "finish":
        hung.verbs.finish(first)
    else:
        assert hung.verbs.claim("n:1") == first
    assert [verbs.claim("n:2"), verbs.claim("n:3")] == free

    getattr(hung, end)()

    expected = {
        ("claim", "commit"): None, ("claim", "rollback"): first,
        ("finish", "commit"): second, ("finish", "rollback"): None,
    }[hangs, end]  # fmt: skip
    assert verbs.claim("n:4") == expected
    assert verbs.sweep() == 0
    running = expected or first
    assert verbs.finish(running, claim=True) == (
        Claimed("run", second, 1) if running == first else None
    )


def test_job_that_is_passed_over_leaves_its_other_gates_to_others(
    verbs: Verbs, person: Session
) -> None:
    """It was the one woken at its serial schedule, and cannot use the room."""
    verbs.schedule("nightly", "serial")
    running = verbs.job(schedule="nightly", priority=1)
    assert verbs.claim("n:1") == running
    held = [verbs.job(site="acme", schedule="nightly", priority=2) for _ in range(2)]
    other = verbs.job(schedule="nightly", priority=3)
    assert verbs.claim("n:2") is None

    assert verbs.finish(running, claim=True) in (
        Claimed("run", other, 1),
        Claimed("again", None, None),  # type: ignore[arg-type]  # no job
    )
    if verbs.state(other) == "waiting":
        assert verbs.claim("n:1") == other
    person.commit()
    assert verbs.claim("n:2") is None
    assert verbs.finish(other, claim=True) == Claimed("run", held[0], 1)
    assert verbs.finish(held[0], claim=True) == Claimed("run", held[1], 1)
    assert verbs.sweep() == 0


def test_change_of_limits_waits_for_no_client_that_hangs(ring: Ring, verbs: Verbs) -> None:
    """Its commit goes on, and what it wakes is woken."""
    first, second, third = (verbs.job(site="acme") for _ in range(3))
    assert [verbs.claim("n:1"), verbs.claim("n:2"), verbs.claim("n:3")] == [first, second, None]
    hung = ring.session(begin=True)
    hung.verbs.finish(first)

    verbs.limit("acme", 9)

    hung.rollback()
    assert verbs.claim("n:3") == third
    assert verbs.values(NOTICES) == []


@pytest.mark.usefixtures("newest_only")
def test_twenty_thousand_jobs_of_a_held_gate_are_met_once(
    ring: Ring, verbs: Verbs, person: Session
) -> None:
    """Later claims do not look at them."""
    verbs.run("insert into pgdispatch.job (type, site) "
              "select 'system', 'acme' from generate_series(1, 20000)")  # fmt: skip
    free = [verbs.job(priority=100) for _ in range(2)]
    assert verbs.claim("n:1") == free[0]
    looking = ring.session(begin=True)
    looking.verbs.run("set local track_functions = 'pl'")

    assert looking.verbs.ask("n:2") == Claimed("run", free[1], 1)
    calls = "select calls from pg_stat_xact_user_functions where funcname = 'pass_over'"
    assert looking.verbs.values(calls) == []
    looking.rollback()
    person.rollback()
    assert verbs.claim("n:2") is not None


def test_jobs_of_a_held_gate_are_passed_over_many_at_a_time_whatever_other_gates_they_have(
    verbs: Verbs, person: Session
) -> None:
    """Each walk begins among what is left behind of those before, as long as that person thinks."""
    verbs.run(
        "insert into pgdispatch.job (type, site, datasource) "
        "select 'system', 'acme', 'data ' || mod(i, 7) from generate_series(1, 1990) as i"
    )
    free = verbs.job(priority=100)
    told = [verbs.ask("n:1") for _ in range(3)]

    assert told[-1] == Claimed("run", free, 1)
    person.rollback()
    assert [verbs.claim(f"n:{number}") is None for number in (2, 3, 4)] == [False, False, True]
    assert verbs.sweep() == 0


def test_end_that_a_rival_does_not_see_wakes_the_job_that_he_parks_at_a_held_gate(
    ring: Ring, verbs: Verbs
) -> None:
    """He holds the gate for long, sees it full, parks, and commits after the end."""
    first, second = (verbs.job(datasource="sales") for _ in range(2))
    assert verbs.claim("n:1") == first
    parking = ring.session(begin=True)
    assert parking.verbs.claim("n:2") is None
    verbs.finish(first)
    assert verbs.column(second, "state") == "ready"

    parking.commit()

    assert verbs.claim("n:3") == second
    assert verbs.sweep() == 0


def test_job_that_is_just_being_passed_over_is_found_by_who_looks_again(
    ring: Ring, verbs: Verbs, person: Session
) -> None:
    """The notice stays until it can be seen, or there is another."""
    verbs.job(site="acme")
    assert verbs.claim("n:1") is None
    late = verbs.job(site="acme")
    passing = ring.session(begin=True)
    assert passing.verbs.claim("n:2") is None
    person.rollback()
    started = [verbs.claim("n:3"), verbs.claim("n:4")]

    passing.commit()

    assert late not in started
    assert verbs.claim("n:4") == late
    assert verbs.sweep() == 0
