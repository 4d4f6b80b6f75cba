"""A key: while a job with it waits, or as long as the insert says, there is no second one."""

from __future__ import annotations

from datetime import timedelta
from itertools import product
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from support.sessions.clock import NOON, Clock
from support.sessions.keys import add, refusal
from support.sessions.verbs import Verbs

IN_ODD_SETTINGS = True

UNTIL = ("started", "ended", "forgotten")
AT_ONCE = "update pgdispatch.setting set value = '1' where name = 'retry_base_seconds'"


def jobs(verbs: Verbs) -> list[int]:
    """Return the jobs in the queue."""
    return verbs.values("select id from pgdispatch.job order by id")


def own(verbs: Verbs) -> list[tuple[int, str]]:
    """Return this user's jobs with the key `a`."""
    rows = verbs.rows("select job, state from pgdispatch.own_job where key = 'a' order by job")
    return [(row["job"], row["state"]) for row in rows]


def test_a_second_insert_is_refused_while_the_first_waits_and_told_which_has_the_key(
    verbs: Verbs,
) -> None:
    """Other keys, other sites, and jobs without one are none of its concern."""
    verbs.site("acme")
    first = add(verbs)

    said = refusal(verbs, args=Jsonb({"n": 2}))

    assert said.message_primary == "key 'a' is taken at site default"
    assert said.message_detail == f"job {first} has it: it is waiting"
    assert "nothing" in str(said.message_hint)
    assert jobs(verbs) == [first]
    assert None not in (add(verbs, key="A"), add(verbs, site="acme"), add(verbs, key=None))


@pytest.mark.parametrize(("first", "second"), list(product(UNTIL, UNTIL)))
def test_how_long_a_key_is_taken(verbs: Verbs, first: str, second: str) -> None:
    """While the job waits; while it runs, or is in the history, if either of the two says so."""
    longest = max(UNTIL.index(first), UNTIL.index(second))
    job = add(verbs, key_until=first)
    taken = []
    for step in (lambda: None, verbs.claim, lambda: verbs.finish(job or 0)):
        step()
        with verbs.connection.transaction(force_rollback=True):
            taken.append(add(verbs, key_until=second, on_conflict="nothing") is None)

    assert taken == [True, longest >= 1, longest >= 2]


def test_what_is_left_out_leaves_the_others_of_its_statement_alone(verbs: Verbs) -> None:
    """By insert, by copy, and of two with one key in one statement the first is kept."""
    first = add(verbs)
    many = ("insert into pgdispatch.job (type, key, on_conflict, title) "
            "select 'system', key, case when key <> '' then 'nothing' end, place "
            "from unnest(array['a', 'b', 'b', null]) "
            "with ordinality as k (key, place) returning title")  # fmt: skip
    kept = verbs.values(many)
    for table in ("job", "new_job"):
        with (
            verbs.connection.cursor() as cursor,
            cursor.copy(
                f"copy pgdispatch.{table} (type, key, on_conflict, title) from stdin".encode()
            ) as copy,
        ):
            for place, key in enumerate(["a", table, table, None]):
                copy.write_row(("system", key, key and "nothing", f"{table} {place}"))

    assert kept == ["2", "4"]
    assert verbs.values("select title from pgdispatch.job where id > %s order by id", first) == [
        *("2", "4", "job 1", "job 3", "new_job 1", "new_job 3")
    ]
    assert verbs.values("select distinct on_conflict from pgdispatch.job") == [None]


def test_a_statement_in_which_a_key_is_taken_does_nothing_at_all(verbs: Verbs) -> None:
    """Two with one key are as one after the other."""
    with pytest.raises(psycopg.Error, match="key 'b' is taken"):
        verbs.run("insert into pgdispatch.job (type, key) select 'system', k "
                  "from unnest(array['a', 'b', 'b']) as k")  # fmt: skip

    assert jobs(verbs) == []
    assert add(verbs) is not None


def test_a_job_that_waits_gets_arguments_and_priority_of_what_replaces_it(verbs: Verbs) -> None:
    """Nothing else, and at once; the new row's defaults are its priority, too."""
    verbs.register()
    job = verbs.job(key="a", args=Jsonb({"n": 1}), title="first", max_attempts=3)
    before = verbs.row("select * from pgdispatch.job")
    other = verbs.job(priority=10)

    said = add(verbs, args=Jsonb({"n": 2}), priority=5, on_conflict="replace", title="second")
    after = verbs.row("select * from pgdispatch.job where id = %s", job)
    verbs.run("insert into pgdispatch.job (type, key, on_conflict, args) "
              "select 'system', 'b', 'replace', jsonb_build_object('n', n) "
              "from generate_series(1, 3) as n")  # fmt: skip
    ran = [verbs.row("select args, id, priority from pgdispatch.turn('n', null, '{1}')")]
    verbs.finish(ran[0]["id"])

    assert said is None
    assert (after["args"], after["priority"]) == ({"n": 2}, 5)
    same = before.keys() - {"args", "priority", "generation"}
    assert {name: after[name] for name in same} == {name: before[name] for name in same}
    assert (ran[0]["id"], ran[0]["args"], ran[0]["priority"]) == (job, {"n": 2}, 5)
    assert verbs.values("select args ->> 'n' from pgdispatch.job where key = 'b'") == ["3"]
    assert jobs(verbs)[0] == other


def test_replacing_moves_parked_and_delayed_jobs_as_set_priority_does(
    verbs: Verbs, clock: Clock
) -> None:
    """A parked one is looked at anew; a worse place hands its gates back; a time is kept."""
    verbs.site("acme", 1)
    runs = verbs.job(site="acme", priority=1)
    verbs.claim()
    woken = add(verbs, site="acme", priority=2)
    behind = verbs.job(site="acme", priority=3)
    late = add(verbs, key="late", not_before=NOON + timedelta(hours=1))
    verbs.claim("n:2")
    verbs.finish(runs)

    add(verbs, site="acme", priority=9, on_conflict="replace")
    add(verbs, key="late", priority=1, args=Jsonb({"n": 1}), on_conflict="replace")

    assert verbs.claim("n:2") == behind
    assert (verbs.column(late or 0, "state"), verbs.column(late or 0, "priority")) == ("delayed", 1)
    verbs.finish(behind)
    assert verbs.drain() == [woken]
    clock.advance(3600)
    assert (verbs.claim(), verbs.sweep()) == (late, 0)


@pytest.mark.parametrize(
    "column", [{"type": "flow"}, {"datasource": "x"}, {"schedule": "s"}, {"task": 1}]
)
def test_what_does_other_work_replaces_nothing(verbs: Verbs, column: dict[str, Any]) -> None:
    """Its arguments would reach another handler, or its gates would be others."""
    verbs.schedule("s")
    verbs.task("system")
    job = add(verbs)

    said = refusal(verbs, **column, args=Jsonb({"n": 2}), on_conflict="replace")

    assert "can be replaced" in str(said.message_hint)
    assert verbs.column(job or 0, "args") == {}


def test_what_runs_is_not_replaced(verbs: Verbs) -> None:
    """It has begun with what it has: a new one comes in, or is refused if the key says so."""
    job = add(verbs)
    verbs.claim()

    said = refusal(verbs, key_until="ended", on_conflict="replace")
    second = add(verbs, on_conflict="replace")

    assert said.message_detail == f"job {job} has it: it runs as attempt 1 on n:1"
    assert jobs(verbs) == [job, second]


@pytest.mark.parametrize("end", ["error", "snoozed", "given back", "lost"])
def test_a_job_that_returns_to_the_queue_meets_a_newer_one_with_its_key(
    verbs: Verbs, end: str
) -> None:
    """Neither it nor the turn asks for the key: both wait, both run, and keep others away."""
    verbs.run(AT_ONCE)
    job = add(verbs, max_attempts=2)
    verbs.turn([1])
    newer = add(verbs)
    back = verbs.turn([], [(job or 0, 1, end)], results=[Jsonb(0)])

    both = verbs.values("select id from pgdispatch.job where backgrounder is null order by id")
    refused = refusal(verbs).message_detail
    replaced = add(verbs, priority=1, on_conflict="replace")
    verbs.run("update pgdispatch.job set not_before = null where state = 'delayed'")

    assert back == []
    assert (both, refused) == ([job, newer], f"job {newer} has it: it is waiting")
    assert (replaced, verbs.column(newer or 0, "priority")) == (None, 1)
    assert verbs.drain() == [newer, job]
    assert add(verbs) is not None


def test_a_job_that_returns_to_the_queue_has_its_key_again(verbs: Verbs) -> None:
    """And its arguments can be replaced; a running one that is older does not count."""
    verbs.register()
    job = add(verbs)
    verbs.claim("n:1")
    second = add(verbs)
    verbs.claim("n:2")
    third = add(verbs)
    verbs.cancel(third or 0)
    verbs.requeue(job or 0)

    assert refusal(verbs).message_detail == f"job {job} has it: it is waiting"
    assert add(verbs, priority=7, key_until="ended", on_conflict="replace") is None
    assert (verbs.column(job or 0, "priority"), verbs.column(second or 0, "priority")) == (7, 50)
    verbs.cancel(job or 0)
    assert refusal(verbs, key_until="ended").message_detail == (
        f"job {second} has it: it runs as attempt 1 on n:2"
    )


def test_many_keys_in_a_new_queue_are_found_by_their_indexes(verbs: Verbs) -> None:
    """Though the plans are those of when there were no jobs: each insert costs alike."""
    scans = ("select sum(seq_scan) from pg_stat_xact_user_tables "
             "where schemaname = 'pgdispatch' and relname ~ '^job(_key)?$'")  # fmt: skip
    many = ("insert into pgdispatch.job (type, key, key_until, on_conflict) select 'system', "
            "'k' || n % 50, 'ended', 'nothing' from generate_series(1, 100) as n")  # fmt: skip
    with verbs.connection.transaction():
        verbs.run(many.replace("%", "%%"))
        found = verbs.value(scans)

    assert (found, len(jobs(verbs))) == (0, 50)


def test_a_lost_answer_is_no_question(verbs: Verbs) -> None:
    """The same insert again, and own_job says what there is: it waits, runs, or has ended."""
    once = {"key_until": "forgotten", "on_conflict": "nothing"}
    job = add(verbs, **once)
    seen = []
    for step in (lambda: None, verbs.claim, lambda: verbs.finish(job or 0)):
        step()
        seen.append((add(verbs, **once), own(verbs)))

    assert seen == [(None, [(job, state)]) for state in ("waiting", "running", "succeeded")]


def test_a_retry_has_the_key_of_its_job_and_is_refused_while_another_has_it(verbs: Verbs) -> None:
    """It is the same again on purpose: that the history has the job does not keep it away."""
    job = add(verbs, key_until="forgotten")
    verbs.claim()
    verbs.fail(job or 0)
    retry = verbs.value("select pgdispatch.retry_job(%s)", job)
    other = add(verbs, key="b")
    verbs.claim()
    verbs.claim("n:2")
    verbs.fail(other or 0)
    newer = add(verbs, key="b")

    with pytest.raises(psycopg.Error) as refused:
        verbs.run("select pgdispatch.retry_job(%s)", other)

    assert refused.value.diag.message_detail == f"job {newer} has it: it is waiting"
    assert own(verbs) == [(job, "failed"), (retry, "running")]
    verbs.finish(retry)
    detail = str(refusal(verbs).message_detail)
    assert detail.startswith(f"job {retry} has it: it has succeeded")
    assert verbs.values("select key_until from pgdispatch.job") == ["started"]


def test_keys_are_forgotten_with_the_history_and_not_before(verbs: Verbs, clock: Clock) -> None:
    """A job that still waits keeps its key, however old it is."""
    kept = {"key_until": "forgotten"}
    old, waits = add(verbs, priority=1, **kept), add(verbs, key="b", **kept)
    verbs.run("select pgdispatch.roll_history()")
    verbs.claim()
    verbs.finish(old or 0)
    keys = []
    for days in (390, 60):
        clock.advance(days * 86400)
        verbs.run("select pgdispatch.roll_history()")
        with verbs.connection.transaction(force_rollback=True):
            taken = add(verbs, on_conflict="nothing", **kept) is None
        verbs.run("select pgdispatch.forget()")
        keys.append((taken, verbs.values("select key from pgdispatch.job_key order by key")))

    assert keys == [(True, ["a", "b"]), (False, ["b"])]
    assert refusal(verbs, key="b").message_detail == f"job {waits} has it: it is waiting"


def test_keys_follow_their_site_when_it_is_renamed(verbs: Verbs) -> None:
    """What a former site of the new name has left behind is no hindrance."""
    kept = {"key_until": "forgotten", "on_conflict": "nothing"}
    for site in ("old", "new"):
        verbs.site(site)
        verbs.cancel(add(verbs, site=site, **kept) or 0)
    verbs.run("select pgdispatch.delete('site', 'new')")

    verbs.run("select pgdispatch.rename('site', 'old', 'new')")

    assert add(verbs, site="new", **kept) is None
    assert add(verbs, site=verbs.site("old"), **kept) is not None
