"""Calls that nobody should make, of every function that a role may execute: refused clearly.

The list is the catalog's. HYPOTHESIS_PROFILE=long looks for longer. On the newest server only, to
save time.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg import sql

from support.bad_input.effort import effort
from support.bad_input.fingerprint import fingerprint, set_canary
from support.bad_input.raw import raw, speak_raw
from support.bad_input.trial import trial
from support.bad_input.values import SQL, bad
from support.rights.two_sites import Sites
from support.sessions.verbs import Verbs

pytestmark = [pytest.mark.usefixtures("newest_only"), pytest.mark.timeout(3600)]
PUBLIC = r"""
select
    p.proname,
    p.proargnames[1:p.pronargs] as names,
    array(select format_type(t, null) from unnest(p.proargtypes) with ordinality as a (t, n)
        order by n) as kinds,
    p.pronargs - p.pronargdefaults as needed,
    (array_agg(r.rolname order by r.rolname like '%%site%%', r.rolname))[1] as role
from pg_proc as p
left join pg_roles as r
    on r.rolname like 'pgdispatch\_%%' and has_function_privilege(r.oid, p.oid, 'execute')
where p.pronamespace = 'pgdispatch'::regnamespace
    and (r.oid is not null or p.proname in ('grant_role', 'revoke_role'))
group by p.oid
having p.pronargs > 0
order by p.proname
"""


@dataclass(frozen=True)
class Function:
    """A function: its parameters with their types, how many are needed, and who may call it."""

    name: str
    kinds: dict[str, str]
    needed: int
    role: str | None


@dataclass(frozen=True)
class Callee:
    """The connection of an owner, and values by the names of parameters that mean something."""

    connection: psycopg.Connection[Any]
    known: dict[str, list[str]]
    before: dict[str, str]

    def functions(self) -> list[Function]:
        """Return all functions that take something and are for somebody."""
        return [
            Function(name, dict(zip(names, kinds, strict=True)), needed, role)
            for name, names, kinds, needed, role in self.connection.execute(PUBLIC)
        ]


@st.composite
def arguments(
    draw: st.DrawFn, function: Function, known: dict[str, list[str]]
) -> dict[str, str | None]:
    """Draw values for the parameters of a function, half of them such as it expects."""
    given_ones: dict[str, str | None] = {}
    for number, (name, kind) in enumerate(function.kinds.items()):
        if number < function.needed or draw(st.booleans()):
            good = name in known and draw(st.booleans())
            given_ones[name] = draw(st.sampled_from(known[name]) if good else bad(kind))
    return given_ones


@pytest.fixture
def callee(sites: Sites) -> Callee:
    """Give two furnished sites whose functions can be called, in a transaction that is undone."""
    verbs, acme, _ = sites
    connection = verbs.connection
    speak_raw(connection)
    set_canary(connection)
    connection.execute("set local statement_timeout = '10s'")
    connection.execute("create role test_known_user")
    known = known_values(verbs, acme.jobs, acme.task, acme.linked_task)
    return Callee(connection, known, fingerprint(connection))


def known_values(
    verbs: Verbs, jobs: dict[str, int], task: int, linked_task: int
) -> dict[str, list[str]]:
    """Return values that exist, by the names of the parameters that take them."""
    incarnation = verbs.value("select incarnation from pgdispatch.node where name = 'n'")
    return {
        "p_job": [str(jobs[state]) for state in ("waiting", "running", "ended")],
        "p_jobs": [f"{{{jobs[state]}}}" for state in ("running", "ended")],
        "p_attempt": ["1"],
        "p_attempts": ["{1}"],
        "p_outcomes": ["{succeeded}", "{error}", "{given back}", "{lost}"],
        "p_free": ["{2,3}", "{1}", "{}"],
        "p_task": [str(task)],
        "p_linked_task": [str(linked_task)],
        "p_site": ["acme"],
        "p_sites": ["{acme}"],
        "p_datasource": ["acme sales"],
        "p_schedule": ["acme nightly"],
        "p_node": ["n"],
        "p_incarnation": [str(incarnation), str(uuid.UUID(int=1))],
        "p_backgrounder": ["n:1", "n:2"],
        "p_recurrence": ["daily at 02:30", "cron 0 2 29 2 1", "every 15 minutes"],
        "p_time_zone": ["Europe/Berlin"],
        "p_user": ["test_known_user"],
        "p_role": ["viewer", "worker"],
        "p_name": ["lease_seconds", "tie_break"],
        "p_count": ["3"],
    }


def test_a_bad_call_is_refused_clearly_or_hinders_nobody(callee: Callee) -> None:
    """Each function, as a role that may call it; what it accepts leaves all others at work."""
    functions = callee.functions()

    for function in functions:
        try_function(callee, function)

    assert len(functions) > 30
    assert fingerprint(callee.connection) == callee.before


def test_no_text_is_taken_for_sql(callee: Callee) -> None:
    """Each function that takes texts is given fragments of SQL in place of each."""
    calls = [
        (function, usual(function, callee.known) | {name: fragment})
        for function in callee.functions()
        for name, kind in function.kinds.items()
        for fragment in SQL[:4]
        if kind == "text"
    ]

    for function, values in calls:
        call(callee, function, values)

    assert len(calls) > 100


def usual(function: Function, known: dict[str, list[str]]) -> dict[str, str | None]:
    """Return values that a function expects, as far as it needs any."""
    return {name: known.get(name, [None])[0] for name in list(function.kinds)[: function.needed]}


def try_function(callee: Callee, function: Function) -> None:
    """Call a function with many values."""

    @effort(10)
    @given(values=arguments(function, callee.known))
    def try_call(values: dict[str, str | None]) -> None:
        call(callee, function, values)

    try:
        try_call()
    except AssertionError as error:
        error.add_note(f"the function was {function.name}")
        raise


def call(callee: Callee, function: Function, values: dict[str, str | None]) -> None:
    """Call a function, look at what it did or said, and undo it."""
    statement = sql.SQL("select * from pgdispatch.{}({})").format(
        sql.Identifier(function.name),
        sql.SQL(", ").join(sql.SQL("{} => %s").format(sql.Identifier(name)) for name in values),
    )

    def act() -> None:
        callee.connection.execute(statement, list(map(raw, values.values())))

    with trial(callee.connection, function.role, act, callee.before) as done:
        assert done.complaint is None
        assert done.damage - ({"members"} if function.role is None else set()) == set()


STORED = {
    "cancel(%s, p_reason => %s)": ("waiting", "job_history", "cancel_reason", slice(2000)),
    "cancel(%s, p_by => %s)": ("waiting", "job_history", "cancelled_by", slice(500)),
    "fail(%s, 1, %s)": ("running", "job_history", "error", slice(8000)),
    "fail(%s, 1, 'x', p_log => %s)": ("running", "job_history", "log", slice(-65536, None)),
    "finish(%s, 1, p_log => %s)": ("running", "job_history", "log", slice(-65536, None)),
    "progress(%s, 1, 5, %s)": ("running", "job", "progress_note", slice(500)),
}


@pytest.mark.parametrize("verb", STORED)
def test_a_verb_keeps_a_text_as_it_was_given(callee: Callee, sites: Sites, verb: str) -> None:
    """Cut to what is room for, and otherwise to the byte."""
    state, table, column, room = STORED[verb]
    job = sites[1].jobs[state]
    look = f"select {column} from pgdispatch.{table} where id = %s"

    @effort(8)
    @given(text=bad("text"))
    def try_text(text: str | None) -> None:
        def act() -> None:
            statement = f"select * from pgdispatch.{verb}".encode()
            callee.connection.execute(statement, [job, raw(text)])

        with trial(callee.connection, None, act, callee.before) as done:
            kept = callee.connection.execute(look.encode(), [job]).fetchone()
            assert done.complaint is None
            assert not done.is_accepted or kept == (None if text is None else text[room],)

    try_text()
    assert fingerprint(callee.connection) == callee.before
