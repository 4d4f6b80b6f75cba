"""People who are confined to a site change nothing of another one, and learn nothing by trying.

Whatever names an object of the other site is answered word for word as if it did not exist.
"""

from __future__ import annotations

import psycopg
import pytest

from support.rights.two_sites import (
    TRACE,
    UNKNOWN,
    Possessions,
    Sites,
    acting_as,
    answer,
    people_of,
)
from support.rights.verbs_and_roles import VERBS
from support.sessions.verbs import Verbs

MADE_UP = Possessions(
    "nowhere",
    task=UNKNOWN,
    idle_task=UNKNOWN,
    flow=UNKNOWN,
    linked_task=UNKNOWN,
    contract=UNKNOWN,
    jobs=dict.fromkeys(("ended", "running", "waiting"), UNKNOWN),
)
JOB_VERBS = (
    "pgdispatch.cancel({job})",
    "pgdispatch.set_priority({job}, 5)",
    "pgdispatch.retry_job({job})",
)
VERBS_TRIED = {
    **{
        f"{verb.partition('(')[0].removeprefix('pgdispatch.')} {state}": (
            "select " + verb.format(job=f"{{jobs[{state}]}}")
        )
        for verb in JOB_VERBS
        for state in ("waiting", "running", "ended")
    },
    "run_now": "select pgdispatch.run_now({task})",
    "run_now of an idle task": "select pgdispatch.run_now({idle_task})",
    "run_now_linked_task": "select pgdispatch.run_now_linked_task({linked_task})",
    "resume": "select pgdispatch.resume({idle_task})",
    "republish": "select pgdispatch.republish('{site}', '{site} sales')",
    "rename": "select pgdispatch.rename('task', '{idle_task}', 'x')",
    "delete": "select pgdispatch.delete('task', '{idle_task}')",
    "consequences": "select * from pgdispatch.consequences('delete', 'task', '{idle_task}')",
    "pause": "select pgdispatch.pause('site', '{site}')",
    "end_pause": "select pgdispatch.end_pause('site', '{site}')",
    "why": "select * from pgdispatch.why({jobs[waiting]})",
    "job_forecasts": "select * from pgdispatch.job_forecasts(array[{jobs[waiting]}]::bigint[])",
    "why_late": "select * from pgdispatch.why_late({jobs[waiting]})",
    "preview_schedule": "select * from pgdispatch.preview_schedule('{site} nightly', now(), 3)",
    "find_queued": "select * from pgdispatch.find_queued(p_site => '{site}')",
    "find_ended": "select * from pgdispatch.find_ended(p_site => '{site}')",
    "find_tasks": "select * from pgdispatch.find_tasks(p_site => '{site}')",
    "queue_page": "select * from pgdispatch.queue_page(p_site => '{site}')",
    "gate_queue": "select * from pgdispatch.gate_queue() where split_part(gate, '/', 2) = '{site}'",
    "queue_counts": "select * from pgdispatch.queue_counts() where site = '{site}'",
    "history_reach": "select pgdispatch.history_reach(p_task => {task})",
    "log_lines": "select * from pgdispatch.log_lines({jobs[ended]})",
    "site_budget": "select * from pgdispatch.site_budget('{site}')",
    "failure_streak": "select pgdispatch.failure_streak({task})",
    "usual_seconds": "select pgdispatch.usual_seconds({task})",
    "obstacles": "select pgdispatch.obstacles('{site}')",
    "contract_verdict": "select * from pgdispatch.contract_verdict({contract})",
    "rename of a contract": "select pgdispatch.rename('contract', '{contract}', 'x')",
    "delete of a contract": "select pgdispatch.delete('contract', '{contract}')",
    "test_notice": "select pgdispatch.test_notice('ops', '{site}')",
    "obstacles_by_gate": "select pgdispatch.obstacles_by_gate() ->> 'datasource/{site}/{site} x'",
}
SAME_FOR_ALL = (
    "select pgdispatch.usual_seconds",
    "select pgdispatch.failure_streak",
    "select pgdispatch.history_reach",
)
WRITES_TRIED = {
    "insert a job": "insert into pgdispatch.job (type, site) values ('system', '{site}')",
    "insert a job of an unknown schedule": "insert into pgdispatch.job (type, site, schedule) "
    "values ('system', '{site}', 'none such')",
    "insert a job on its schedule": "insert into pgdispatch.job (type, site, schedule) "
    "values ('system', 'acme', '{site} nightly')",
    "insert a job of its task": "insert into pgdispatch.job (task) values ({idle_task})",
    "insert another type of its task": "insert into pgdispatch.job (type, task) "
    "values ('system', {idle_task})",
    "copy a job": "insert into pgdispatch.new_job (type, site) values ('system', '{site}')",
    "copy a job of its task": "insert into pgdispatch.new_job (task) values ({idle_task})",
    "add a task": "insert into pgdispatch.task (type, title, site) "
    "values ('system', 'x', '{site}')",
    "add a task to its schedule": "insert into pgdispatch.task (type, title, site, schedule) "
    "values ('system', 'x', 'acme', '{site} nightly')",
    "give a task away": "update pgdispatch.task set site = '{site}' where site = 'acme' "
    "and type <> 'flow'",
    "move a task to its schedule": "update pgdispatch.task set schedule = '{site} nightly' "
    "where site = 'acme'",
    "edit a task": "update pgdispatch.task set enabled = false where id = {task}",
    "delete a task": "delete from pgdispatch.task where id = {idle_task}",
    "add a linked task": "insert into pgdispatch.linked_task (title, site) values ('x', '{site}')",
    "link its schedule": "insert into pgdispatch.linked_task (title, site, schedule) "
    "values ('x', 'acme', '{site} nightly')",
    "edit a linked task": "update pgdispatch.linked_task set enabled = false "
    "where id = {linked_task}",
    "delete a linked task": "delete from pgdispatch.linked_task where id = {linked_task}",
    "add a step": "insert into pgdispatch.linked_task_step (linked_task, step, task) "
    "values ({linked_task}, 2, {flow})",
    "add its flow as a step": "insert into pgdispatch.linked_task_step (linked_task, step, task) "
    "select id, 2, {flow} from pgdispatch.linked_task where site = 'acme'",
    "add a rule of notices": "insert into pgdispatch.notice_rule (what, target, site) "
    "values ('failure', 'ops', '{site}')",
    "be told of its schedule": "insert into pgdispatch.notice_rule (what, target, site, schedule) "
    "values ('failure', 'ops', 'acme', '{site} nightly')",
    "turn a rule to it": "update pgdispatch.notice_rule set site = '{site}' where site = 'acme'",
    "remove a rule of notices": "delete from pgdispatch.notice_rule where site = '{site}'",
    "add a contract": "insert into pgdispatch.contract (name, site, datasource, max_age) "
    "values ('x', '{site}', 'x', '2 h')",
    "promise its schedule": "insert into pgdispatch.contract (name, site, schedule, max_age) "
    "values ('x', 'acme', '{site} nightly', '2 h')",
    "promise its task": "insert into pgdispatch.contract (name, site, task, max_age) "
    "values ('x', '{site}', {task}, '2 h')",
    "edit a contract": "update pgdispatch.contract set enabled = false where id = {contract}",
    "delete a contract": "delete from pgdispatch.contract where id = {contract}",
    "delete a step": "delete from pgdispatch.linked_task_step where linked_task = {linked_task}",
}
OF_ALL_SITES = {
    "fire": "select pgdispatch.fire('{site} nightly', now())",
    "run_now_schedule": "select * from pgdispatch.run_now_schedule('{site} nightly')",
    "backfill": "select * from pgdispatch.backfill('{site} nightly', now(), now())",
    "preview_backfill": "select * from pgdispatch.preview_backfill('{site} nightly', now(), now())",
    "forecast_input": "select pgdispatch.forecast_input()",
}
PAUSES = {
    "pause a schedule": "select pgdispatch.pause('schedule', '{site} nightly')",
    "end a pause": "select pgdispatch.end_pause('schedule', '{site} nightly')",
    "pause all": "select pgdispatch.pause('all')",
    "pause a type": "select pgdispatch.pause('type', 'flow')",
}
STATE = """
select
    (select jsonb_agg(to_jsonb(x) order by x.id) from pgdispatch.job as x),
    (select jsonb_agg(to_jsonb(x) order by x.id) from pgdispatch.job_history as x),
    (select jsonb_agg(to_jsonb(x) order by x.id) from pgdispatch.task as x),
    (select jsonb_agg(to_jsonb(x) order by x.id) from pgdispatch.linked_task as x),
    (select jsonb_agg(to_jsonb(x)) from pgdispatch.linked_task_step as x),
    (select jsonb_agg(to_jsonb(x) order by x.id) from pgdispatch.contract as x),
    (select jsonb_agg(to_jsonb(x)) from pgdispatch.suspension as x),
    (select jsonb_agg(to_jsonb(x) order by x.id) from pgdispatch.notice_rule as x),
    (select jsonb_agg(to_jsonb(x) order by x.id) from pgdispatch.notice as x)
"""


def told(verbs: Verbs, user: str, statement: str, own: Possessions) -> str:
    """Return what a user is told when it tries a statement on what a site has."""
    said = answer(verbs, user, statement.format(**vars(own)))
    return said.replace(own.site, "SITE")


@pytest.mark.parametrize("statement", VERBS_TRIED.values(), ids=VERBS_TRIED)
def test_a_verb_takes_another_site_s_object_for_unknown(sites: Sites, statement: str) -> None:
    """Whoever sees all gets another answer, or the test would say nothing."""
    verbs, _, globex = sites
    verbs.run("create role all_operator login")
    verbs.run("select pgdispatch.grant_role('all_operator', 'operator')")

    refused = told(verbs, "acme_operator", statement, globex)

    assert refused == told(verbs, "acme_operator", statement, MADE_UP)
    assert not TRACE.search(refused)
    if not statement.startswith(SAME_FOR_ALL):
        assert refused != told(verbs, "all_operator", statement, globex)


@pytest.mark.parametrize("statement", WRITES_TRIED.values(), ids=WRITES_TRIED)
def test_a_write_takes_another_site_s_object_for_unknown(sites: Sites, statement: str) -> None:
    """The name of a site, a schedule or a task alone tells nothing."""
    verbs, _, globex = sites
    verbs.run("create role all_operator login")
    verbs.run("select pgdispatch.grant_role('all_operator', 'operator')")

    refused = told(verbs, "acme_operator", statement, globex)

    assert refused == told(verbs, "acme_operator", statement, MADE_UP)
    assert refused != told(verbs, "all_operator", statement, globex) or "none such" in statement


@pytest.mark.parametrize(
    "statement", [*OF_ALL_SITES.values(), *PAUSES.values()], ids=[*OF_ALL_SITES, *PAUSES]
)
def test_what_concerns_all_sites_is_refused_whatever_is_named(sites: Sites, statement: str) -> None:
    """With an error of its own, the same for schedules of theirs, of others, and of nobody."""
    verbs, acme, globex = sites

    refused = {
        answer(verbs, "acme_operator", statement.format(site=own.site))
        for own in (acme, globex, MADE_UP)
    }

    assert len(refused) == 1
    assert refused.pop().startswith("JD009 you are confined to sites, so you may not")


def test_every_verb_of_a_confined_operator_is_tried() -> None:
    """A verb that comes to be granted has to come to this page, too."""
    of_no_site = {
        *("now", "setting", "seconds", "next_run", "last_run", "next_runs", "recurrence_masks"),
        *(
            "own_sites",
            "own_schedules",
            "own_calendars",
            "preview_runs",
            "schedule_runs",
            "configured_columns",
            "lock_configuration",
            "forecast_lead",
            "look_at_forecast",
            "waits",
        ),
        *("add_token", "revoke_token"),  # of logins: tests/database/rights/test_tokens.py
        "subject_words",
    }
    granted = {name for name, (_, roles) in VERBS.items() if "site_operator" in roles}

    tried = {one.split()[0] for one in VERBS_TRIED} | set(OF_ALL_SITES)

    assert granted - of_no_site == tried


def test_nothing_of_another_site_changes(sites: Sites) -> None:
    """Whatever is tried is refused, or finds nothing."""
    verbs, _, globex = sites
    before = verbs.rows(STATE)
    codes = set()
    with acting_as(verbs, "acme_operator"):
        for statement in (*VERBS_TRIED.values(), *WRITES_TRIED.values(), *OF_ALL_SITES.values()):
            try:
                with verbs.connection.transaction():
                    verbs.run(statement.format(**vars(globex)))
            except psycopg.Error as error:
                codes.add(error.sqlstate)

    assert codes == {"JD001", "JD002", "JD009"}
    assert verbs.rows(STATE) == before


def test_people_of_a_site_steer_what_is_theirs(sites: Sites) -> None:
    """All verbs and writes that are not refused, on their own site."""
    verbs, acme, _ = sites
    with acting_as(verbs, "acme_operator"):
        verbs.set_priority(acme.jobs["waiting"], 7)
        verbs.cancel(acme.jobs["waiting"])
        verbs.cancel(acme.jobs["running"])
        started = verbs.run_now(acme.idle_task)
        verbs.run("select pgdispatch.resume(%s)", acme.idle_task)
        verbs.run("select pgdispatch.republish('acme', 'acme sales')")
        verbs.run("update pgdispatch.task set title = 'new' where id = %s", acme.idle_task)
        task = verbs.task("flow", site="acme", schedule="acme nightly")
        verbs.run("delete from pgdispatch.task where id = %s", task)
        job = verbs.job(site="acme")
        verbs.run("insert into pgdispatch.new_job (type, site) values ('system', 'acme')")

        seen = verbs.values("select job from pgdispatch.queue")

    assert {started, job} <= set(seen)
    assert verbs.state(acme.jobs["waiting"]) == "cancelled"


def test_a_producer_of_a_site_copies_and_inserts_for_it(sites: Sites) -> None:
    """And gets the number back."""
    verbs, _, globex = sites
    with acting_as(verbs, "acme_producer"):
        job = verbs.job(site="acme")
        with verbs.connection.cursor().copy(
            "copy pgdispatch.new_job (type, site) from stdin"
        ) as copy:
            copy.write_row(("system", "acme"))
        with pytest.raises(psycopg.Error) as refused, verbs.connection.transaction():
            verbs.job(site="globex")

        own = verbs.values("select job from pgdispatch.own_job")

    assert job in own
    assert len(own) == 2
    assert refused.value.sqlstate == "JD001"
    assert globex.site in str(refused.value)


@pytest.mark.parametrize(
    "statement",
    [
        "insert into pgdispatch.notice_rule (what, target) values ('failure', 'ops')",
        "insert into pgdispatch.notice_rule (what, target) values ('node_lost', 'ops')",
        "update pgdispatch.notice_rule set site = null",
        "select pgdispatch.test_notice('ops')",
    ],
)
def test_nobody_who_is_confined_is_told_of_all_sites(sites: Sites, statement: str) -> None:
    """Neither by a new rule nor by one that there is."""
    verbs = sites[0]

    assert answer(verbs, "acme_operator", statement).startswith("JD001")


def test_the_name_of_a_site_given_to_another_gives_no_right_to_its_tasks(verbs: Verbs) -> None:
    """Whoever is confined to the new one sees the old one's past, and runs nothing of it."""
    verbs.site("initech")
    job = verbs.run_now(task := verbs.task(site="initech"))
    verbs.fail(verbs.claim() or 0)
    verbs.run("select pgdispatch.rename('site', 'initech', 'elsewhere')")
    verbs.site("initech")
    with people_of(verbs, "initech", "again_"):
        find = "select job, refused from pgdispatch.find_ended()"
        looked = answer(verbs, "again_initech_operator", find)
        told = answer(verbs, "again_initech_operator", f"select pgdispatch.retry_job({job})")

    assert looked == f"1 [({job}, 'task {task} was deleted')]"
    assert told.startswith(f"JD004 job {job} cannot be retried: task {task} was deleted")
    assert verbs.values("select id from pgdispatch.job") == []
