"""Configuration as a file: what it holds, and that nothing is lost or invented on the way."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pgdispatch.errors import PgdispatchError
from pgdispatch_cli.estate import apply as applying
from pgdispatch_cli.estate.apply import Outcome, Wanted, apply_file
from pgdispatch_cli.estate.applying import carry_out
from pgdispatch_cli.estate.kinds import KINDS, PARTS
from pgdispatch_cli.estate.present import read_columns, read_estate
from pgdispatch_cli.estate.toml_text import write_estate
from support.bad_input.effort import IS_LONG, LONGER
from support.estate.estates import COLUMNS, Estate, estates, put
from support.sessions.ring import Ring
from support.sessions.verbs import Verbs

STATE = {  # tables of which nothing is configured: what happens, and what is worked out
    *("application_server", "attempt", "backgrounder", "change", "charge", "deferral", "due"),
    *(
        "gate_notice",
        "generation",
        "job",
        "job_history",
        "job_key",
        "job_log",
        "linked_run",
        "notice",
    ),
    *("notice_look", "occurrence", "pause", "retry", "schema_version", "site_type", "suspension"),
    *("swept_job", "watch"),
    *("forecast_check", "forecast_job", "forecast_load", "forecast_look", "forecast_schedule"),
    "forecast_state",
    *("contract_state", "contract_forecast", "node_state", "token"),
}
CONFIGURED = {*(kind.table for kind in KINDS), *PARTS.values(), "site_member"} - {"grant"}
TABLES = """
select c.relname
from pg_class as c
where c.relnamespace = 'pgdispatch'::regnamespace and c.relkind in ('r', 'p')
    and not c.relispartition
"""


def export(connection: psycopg.Connection, site: str | None = None) -> str:
    """Return the text of what is configured."""
    columns = read_columns(connection)
    return write_estate(read_estate(connection, columns, site), columns)


def apply(connection: psycopg.Connection, text: str, *, prune: bool = False) -> Outcome:
    """Make the configuration what a text says; return what was done."""
    outcome = Outcome()
    apply_file(connection, Wanted("estate.toml", text.encode(), prune=prune), outcome)
    return outcome


@pytest.mark.usefixtures("newest_only")
@settings(
    max_examples=15 * (LONGER if IS_LONG else 1),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(estate=estates, other=estates, is_fresh=st.booleans())
def test_a_file_says_all_and_makes_any_installation_say_the_same(
    verbs: Verbs, estate: Estate, other: Estate, is_fresh: bool
) -> None:
    """Its own has no difference from it; an empty one, or any other with --prune, has its text."""
    connection = verbs.connection
    with connection.transaction(force_rollback=True):
        put(connection, estate)
        text = export(connection)
        same = apply(connection, text, prune=True)
        still = export(connection)
    with connection.transaction(force_rollback=True):
        if not is_fresh:
            put(connection, other)
        apply(connection, text, prune=not is_fresh)
        became = export(connection)

    assert list(same.changes) == []
    assert still == text
    assert became == text


@pytest.mark.usefixtures("newest_only")
def test_each_table_is_configuration_or_is_not(verbs: Verbs) -> None:
    """Somebody who adds a table has to say so."""
    assert set(verbs.values(TABLES)) == CONFIGURED | STATE


@pytest.mark.usefixtures("newest_only")
def test_a_file_has_each_column_that_people_set(verbs: Verbs) -> None:
    """And the random configurations of these tests have it, too."""
    configured = {
        table: set(verbs.value("select pgdispatch.configured_columns(%s)", table))
        | ({"name"} if table == "setting" else set())
        for table in COLUMNS
    }
    written = {
        kind.table: {*(column.name for column in columns), *kind.state}
        for kind in KINDS
        if kind.table in COLUMNS and (columns := read_columns(verbs.connection)[kind.table])
    }

    assert {table: set(columns) for table, columns in COLUMNS.items()} == configured
    assert configured == {**configured, **written}


REFUSED: dict[
    str, str | None
] = {  # what is added to a file that is right, from line 4 on, and what is said
    "": None,
    "[sitte.acme]": "line 4: sitte is not known\ndid you mean site? known: calendar, ",
    "[site.acme]\nmax_runing_jobs = 3": "line 5: max_runing_jobs is not known\n"
    "did you mean max_running_jobs? known: ",
    '[site.acme]\nmax_running_jobs = "3"': "line 5: max_running_jobs must be a whole number",
    "[site.acme]\nmax_running_jobs = 3000000000": "line 5: max_running_jobs 3000000000 is out of",
    "[site.acme]\nmax_running_jobs = -2": "line 4: site acme: a limit of a site is below -1\nuse 0",
    "[site.acme]\nrun_now_enabled = 1": "line 5: run_now_enabled must be true or false",
    "[site.acme]\ntime_zone = 7": "line 5: time_zone must be text, in quotes",
    '[site.acme]\nrefill_at = "noonish"': "line 5: invalid input syntax for type time",
    "[site.acme]\n[site.acme]": "line 5: not TOML: cannot declare ('site', 'acme') twice",
    "[site.'no/name']": "line 4: site no/name has a wrong name\nname: Unique name: up to 100",
    '[site.acme]\ntimeouts = { flow = "2 parsecs" }': "line 5: invalid input syntax for type int",
    '[site.acme]\ntimeouts = { flwo = "2h" }': "line 4: site acme: insert or update on table",
    '[schedule.x]\nrecurrence = "sometimes"': "line 4: schedule x: ",
    "[schedule]\nx = 3": "line 5: schedule must hold tables, such as [schedule.name]",
    "[node.'a b']": "line 4: node a b has a wrong name\nname: Unique name: letters, digits",
    "[node.a]\nis_drained = true": "line 5: is_drained is not known\nknown: application_servers",
    '[setting]\ntie_brake = "created"': "line 5: tie_brake is not known\ndid you mean tie_break?",
    '[setting]\ntie_break = "coin"': "line 5: setting tie_break: setting tie_break cannot be",
    "[setting]\ntie_break = true": "line 5: tie_break must be a text or a whole number",
    '[grant.nobody_there]\nroles = ["viewer"]': "line 4: user nobody_there: database user",
    '[grant.x]\nroles = ["king"]': "line 5: there is no role king\nuse producer, worker, ",
    "[task]": "line 4: task must be a list of tables, each [[task]]",
    '[[task]]\ntype = "flow"': "line 4: title is missing",
    '[[task]]\ntype = "flwo"\ntitle = "x"': "line 4: task \"x\": job type 'flwo' does not",
    '[[task]]\ntype = "flow"\ntitle = "a\\u0000b"': "line 6: title has a zero character",
    '[[task]]\ntype = "flow"\ntitle = "x"\n\n[[task]]\ntype = "flow"\ntitle = "y"\n'
    "priority = 300": 'line 8: task "y": priority 300 is not between 1 and 100\nuse 1',
    '[[task]]\ntype = "flow"\ntitle = "x"\nargs = "[1]"': "line 7: args must be a table",
    '[[task]]\ntype = "flow"\ntitle = "x"\nargs = "{"': "line 7: args is not JSON: ",
    '[[task]]\ntype = "flow"\ntitle = "x"\nargs = { x = 1979-05-27 }': "line 7: args is not",
    '[[task]]\ntype = "flow"\ntitle = "x"\nargs = \'{"a": 1e999999}\'': "line 7: ",
    '[[task]]\ntype = "flow"\ntitle = "x"\ntimeout = "-1 h"': 'line 4: task "x" has a wrong',
    '[[linked_task]]\ntitle = "x"\nsteps = [{ task = "y" }]': "line 6: site default has no flow",
    '[[linked_task]]\ntitle = "x"\nsteps = [1]': "line 6: steps must be a list of tables, such as",
    '[[linked_task]]\ntitle = "x"\nsteps = [{ task = "y", which = 0 }]': "line 6: which of step 1",
    '[[notice_rule]]\nwhat = "failure"\ntarget = "ops"\n' * 2: "line 7: this notice rule is on"
    " line 4 already",
    '[[contract]]\nname = "x"\ntask = { type = "flow", title = "y" }': "line 6: site default",
    '[[contract]]\nname = "x"\ntask = 3': "line 6: task must be a table, such as { title = ",
    '[[contract]]\nname = "x"\nwarn_chance = true': "line 6: warn_chance must be a number",
    '[[contract]]\nname = "x"\ndatasource = "y"': 'line 4: contract "x": a contract says by when',
    '[[contract]]\nname = "x"\nsite = "default"\n' * 2: "line 7: this contract is on line 4",
    '[[notice_rule]]\nwhat = "failrue"\ntarget = "ops"': "line 4: notice rule failrue ops 1: ",
    "x = [1": "line 5: not TOML: ",
    'x = "\ud800': "line 4: not UTF-8\nsave the file in UTF-8",
}
BEGUN = "\ufeff# a file\nformat = 1\n\n"


@pytest.mark.usefixtures("newest_only")
def test_what_is_wrong_is_said_with_its_line_and_changes_nothing(verbs: Verbs) -> None:
    """By the file itself, or by the database; a byte order mark is nothing wrong."""
    before = export(verbs.connection)
    said = {}
    for added in REFUSED:
        text = f"{BEGUN}[site.other]\n"[: len(BEGUN)] + added + "\n"
        wanted = Wanted("f.toml", text.encode(errors="surrogatepass"))
        try:
            apply_file(verbs.connection, wanted, Outcome())
        except PgdispatchError as error:
            said[added] = f"{error.message}\n{error.hint}".removeprefix("f.toml, ")
        else:
            said[added] = ""

    wrong = {a: t for a, t in said.items() if not t.startswith(REFUSED[a] or "\n") and a}
    assert wrong == {}
    assert export(verbs.connection) == before


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("", "f.toml does not say its format"),
        ("[site.acme]", "f.toml does not say its format"),
        ("format = 2", "f.toml, line 1: format 2 is not known"),
        ('format = 1\nonly_site = "b"', "f.toml, line 2: the file is of site b, not of default"),
        ('format = 1\nonly_site = "default"\n[setting]', "f.toml, line 3: a file of one site has"),
        (
            'format = 1\nonly_site = "default"\n[[task]]\nsite = "b"\ntype = "flow"\ntitle = "x"',
            'f.toml, line 3: task "x" is not of site default',
        ),
        ("format = 1\nx = " + "[" * 5000, "f.toml: nested too deeply"),
    ],
)
@pytest.mark.usefixtures("newest_only")
def test_what_is_no_such_file_is_refused(verbs: Verbs, content: str, complaint: str) -> None:
    """An empty one above all, which with --prune would say that there is nothing."""
    with pytest.raises(PgdispatchError) as refused:
        apply_file(
            verbs.connection,
            Wanted("f.toml", content.encode(), site="default", prune=True),
            Outcome(),
        )

    assert refused.value.message.startswith(complaint)


TWO = "format = 1\n[site.acme]\nmax_running_jobs = 4\n[site.globex]\n"
CHAIN = """\
[[task]]
type = "flow"
title = "Load"

[[linked_task]]
title = "Chain"
schedule = "{}"
steps = [{{ task = "Load" }}]

[schedule.a]
execution = "{}"

[schedule.b]
execution = "{}"
"""


@pytest.mark.usefixtures("newest_only")
def test_two_applies_come_one_after_the_other(ring: Ring) -> None:
    """The second sees all that the first has written, and adds nothing twice."""
    first, second = ring.session(begin=True), ring.session()
    apply(first.verbs.connection, TWO)
    waiting = ring.start_waiting(second, lambda verbs: apply(verbs.connection, TWO))
    first.commit()

    assert [change.what for change in waiting.result(30).changes] == []
    assert len(ring.watch.values("select name from pgdispatch.site")) == 3


@pytest.mark.parametrize("times", [2, 3])
@pytest.mark.usefixtures("newest_only")
def test_an_edit_in_between_is_seen_before_the_end(
    ring: Ring, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    """All is done anew; where that happens again and again, nothing is done."""
    verbs = ring.session().verbs
    sites = ["a", "b", "c"]
    there = "format = 1\n" + "".join(f"[site.{name}]\nmax_running_jobs = 4\n" for name in sites)
    apply(verbs.connection, there)
    edited: list[str] = []

    def edit_and_go_on(*arguments: Any) -> None:
        if len(edited) < times:
            edited.append(sites[len(edited)])
            ring.watch.run(
                "update pgdispatch.site set max_running_jobs = 9 where name = %s", edited[-1]
            )
        carry_out(*arguments)

    monkeypatch.setattr(applying, "carry_out", edit_and_go_on)
    refused = None
    try:
        apply(verbs.connection, there + "[site.new]")
    except PgdispatchError as error:
        refused = error.detail

    limits = verbs.connection.execute(
        "select name, max_running_jobs from pgdispatch.site where name <> 'default' order by name"
    ).fetchall()
    if times == 2:
        assert limits == [("a", 4), ("b", 4), ("c", 4), ("new", None)]
    else:
        assert refused == "site c: max_running_jobs 9 → 4"
        assert limits == [("a", 9), ("b", 9), ("c", 9)]


@pytest.mark.usefixtures("newest_only")
def test_a_linked_task_leaves_a_schedule_before_that_is_made_serial(verbs: Verbs) -> None:
    """And comes to one after that is made parallel: one file is enough for a change of places."""
    there = "format = 1\n" + CHAIN.format("a", "parallel", "serial")
    back = "format = 1\n" + CHAIN.format("b", "serial", "parallel")
    for text in (there, back, there):
        apply(verbs.connection, text)
        assert list(apply(verbs.connection, text).changes) == []

    assert verbs.values("select id from pgdispatch.linked_task") == [1]


@pytest.mark.usefixtures("newest_only")
def test_tasks_keep_their_numbers_where_only_their_columns_change(verbs: Verbs) -> None:
    """Of several with one title those that are alike in the most; the others are new."""
    task = '[[task]]\ntype = "flow"\ntitle = "Sales"\n'
    numbers = "select id, datasource, max_attempts from pgdispatch.task order by id"
    apply(verbs.connection, f'format = 1\n{task}datasource = "a"\n{task}datasource = "b"\n')
    apply(
        verbs.connection,
        f'format = 1\n{task}datasource = "b"\nmax_attempts = 3\n{task}datasource = "c"\n'
        f'{task}datasource = "d"\n',
    )

    found = verbs.connection.execute(numbers).fetchall()

    assert found == [(1, "c", None), (2, "b", 3), (3, "d", None)]


@pytest.mark.usefixtures("newest_only")
def test_what_a_supervisor_says_of_its_own_node_is_no_configuration(verbs: Verbs) -> None:
    """It is not written, nor missed in a file, until somebody changes the node."""
    register = "select pgdispatch.register_node('etl-1', gen_random_uuid(), p_backgrounders => 2)"
    verbs.run(register)
    before = export(verbs.connection)
    left = apply(verbs.connection, "format = 1\n[node]\n", prune=True)
    verbs.run("update pgdispatch.node set backgrounders = 3")

    assert "[node.etl-1]" not in before
    assert list(left.changes) == []
    assert "[node.etl-1]\nbackgrounders = 3\n" in export(verbs.connection)
