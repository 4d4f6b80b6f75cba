"""Each verb, as each role: the database decides, and its words are shown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from uuid import uuid4

import httpx
import psycopg
import pytest

from pgdispatch.embedded import EmbeddedServer
from pgdispatch.web.console.verbs import VERBS
from support.servers.embedded import install_schema, made_database
from support.sessions.timetable import linked_task
from support.sessions.verbs import Verbs
from support.web.console import Console, give_roles, open_console, token_in

pytestmark = pytest.mark.usefixtures("newest_only")
LEADS = re.compile(r"/|/tasks|/contracts|/contract/\d+")
NOTICE = re.compile(r'<div class="(notice .*?)</div>', re.DOTALL)
ARGUMENTS: dict[str, dict[str, str]] = {
    "cancel": {"job": "1", "reason": "wrong month"},
    "set-priority": {"job": "1", "priority": "7"},
    "run-now": {"task": "1"},
    "retry": {"job": "1"},
    "resume": {"task": "1"},
    "republish": {"site": "acme", "datasource": "sales"},
    "enable-contract": {"contract": "1", "is_enabled": "false"},
    "contract": {
        "contract": "1",
        "due": "daily at 08:00",
        "since_hours": "8",
        "warn_percent": "30",
        "warn_minutes": "60",
    },
    "calendar-day": {"calendar": "works", "day": "2030-12-24", "becomes": "free"},
    "close": {"closed_window": "move", "is_enabled": "false"},
    "enable-task": {"task": "1", "is_enabled": "false"},
    "set-number": {"node": "n", "number": "3"},
    "drain": {"node": "n", "minutes": "2"},
    "undrain": {"node": "n"},
    "types": {"node": "n", "but": "flow"},
    "enable": {"schedule": "nightly", "is_enabled": "false"},
    "execution": {"schedule": "nightly", "execution": "serial"},
    "recurrence": {"schedule": "nightly", "recurrence": "daily at 03:30"},
    "priority": {"schedule": "nightly", "priority": "9"},
    "limits": {"site": "acme", "max_running_jobs": "3"},
    "pause": {"scope": "site", "name": "acme", "reason": "a move"},
    "end-pause": {"scope": "site", "name": "acme"},
    "rename": {"task": "1", "new_name": "sales anew"},
    "delete": {"task": "1", "reason": "not needed"},
}
WINDOW = """
insert into pgdispatch.closed_window (name, scope, target, from_at, to_at)
values ('move', 'site', 'acme', '2030-01-01', '2030-01-02')
"""
END_PAUSES = "select pgdispatch.end_pause(scope, name) from pgdispatch.pause"
FREE = "update pgdispatch.node set is_drained = false, only_types = null, except_types = null"
BY_SITES = {
    *("retry", "cancel", "set-priority", "run-now", "resume", "republish", "enable-task"),
    *("pause", "end-pause", "rename", "delete", "contract", "enable-contract"),
    "close",
}
PEOPLE = (
    *("all_viewer", "all_operator", "all_producer"),
    *("acme_viewer", "acme_operator", "acme_producer"),
)


@pytest.fixture(scope="module")
def verbs(asking_server: EmbeddedServer) -> Iterator[Verbs]:
    """Give a database with a site, a node and a schedule to act on."""
    with (
        made_database(asking_server, "acted_on") as dsn,
        psycopg.connect(dsn, autocommit=True) as connection,
    ):
        install_schema(dsn)
        verbs = Verbs(connection)
        verbs.site("acme")
        give_roles(dsn)
        verbs.schedule("nightly", recurrence="daily at 02:30")
        verbs.register("n")
        verbs.run("insert into pgdispatch.calendar (name) values ('works')")
        verbs.run(WINDOW)
        verbs.run("update pgdispatch.closed_window set is_confined = true")
        yield verbs


@pytest.fixture(scope="module")
def steering(
    verbs: Verbs, asking_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Console]:
    """Give a console on it."""
    dsn = asking_server.dsn(verbs.connection.info.dbname)
    with open_console(dsn, tmp_path_factory.mktemp("steering")) as opened:
        yield opened


def arguments(verbs: Verbs, verb: str) -> dict[str, str]:
    """Return the arguments of a verb, with a new job or task if it is for one."""
    task = verbs.task(site="acme", datasource="sales", schedule="nightly")
    verbs.run(END_PAUSES)
    if verb == "end-pause":
        verbs.run("select pgdispatch.pause('site', 'acme')")
        verbs.run("update pgdispatch.pause set is_confined = true")
    made = {"job": str(verbs.job(site="acme")), "task": str(task)}
    if "contract" in ARGUMENTS[verb]:
        made["contract"] = promise(verbs, f"sales {task} {uuid4()}")
    if verb == "retry":
        verbs.cancel(int(made["job"]))
    return {name: made.get(name, value) for name, value in ARGUMENTS[verb].items()}


def promise(verbs: Verbs, name: str) -> str:
    """Add a contract of acme; return its number."""
    terms = {"site": "acme", "datasource": "sales", "max_age": "1 day"}
    return str(verbs.add("contract", name=name, **terms))


def do(browser: httpx.Client, verb: str, **fields: str) -> str:
    """Do a verb; return the notice on the page that it leads to."""
    token = token_in(browser.get("/").text)
    answer = browser.post(f"/do/{verb}", data={"_token": token, "back": "/", **fields})
    if answer.status_code != 303 or not LEADS.fullmatch(answer.headers["location"]):
        raise AssertionError(answer.text)
    (notice,) = NOTICE.findall(browser.get("/").text)
    return str(notice)


def test_every_verb_is_tried() -> None:
    """None is forgotten below."""
    assert set(ARGUMENTS) == set(VERBS)


@pytest.mark.parametrize("person", PEOPLE)
def test_the_database_decides_who_may(verbs: Verbs, steering: Console, person: str) -> None:
    """Its refusal is shown to the others word for word, and the log tells of both in a line."""
    with steering.signed_in(person) as browser:
        shown = {verb: do(browser, verb, **arguments(verbs, verb)) for verb in sorted(VERBS)}

    for verb, notice in shown.items():
        may = person == "all_operator" or (person == "acme_operator" and verb in BY_SITES)
        said = ("done",) if may else ("refused", "permission denied for ", "ask for a role that")
        assert all(word in notice for word in said), (verb, notice)
        assert f"console: {person} from 127.0.0.1: {verb} " in steering.log


OTHER_WAYS: tuple[tuple[str, dict[str, str], set[str]], ...] = (
    ("run-now", {"schedule": "nightly"}, {"all_operator"}),
    ("run-now", {"linked_task": "1"}, {"all_operator", "acme_operator"}),
    (
        "contract",
        {"contract_name": "by seven", "site": "acme", "datasource": "sales", "age_hours": "26"},
        {"all_operator", "acme_operator"},
    ),
    ("rename", {"contract": "1", "new_name": "x"}, {"all_operator", "acme_operator"}),
    ("delete", {"contract": "1"}, {"all_operator", "acme_operator"}),
    ("pause", {"everything": "true", "hours": "2", "reason": "a move"}, {"all_operator"}),
    ("end-pause", {"everything": "true"}, {"all_operator"}),
)


@pytest.mark.parametrize("person", ["all_operator", "acme_operator", "all_viewer"])
def test_the_other_ways_of_a_verb_are_decided_alike(
    verbs: Verbs, steering: Console, person: str
) -> None:
    """A whole schedule, a linked task, everything: each is another statement."""
    told = {}
    for verb, fields, _ in OTHER_WAYS:
        verbs.task(site="acme", schedule="nightly")
        flow = verbs.task("flow", site="acme")
        linked = linked_task(verbs, flow, site="acme", title="flows")
        with steering.signed_in(person) as browser:
            given = {**fields, **({"linked_task": str(linked)} if "linked_task" in fields else {})}
            if "contract" in fields:
                given["contract"] = promise(verbs, f"sales {linked} {uuid4()}")
            for name in {"contract_name", "new_name"} & {*fields}:
                given[name] += person
            told[verb, *fields] = do(browser, verb, **given)
    verbs.run(END_PAUSES)

    for verb, fields, may in OTHER_WAYS:
        notice = told[verb, *fields]
        assert notice.startswith(f"notice {'done' if person in may else 'refused'}"), notice


def test_what_a_schedule_passes_over_is_told(verbs: Verbs, steering: Console) -> None:
    """With the reason, and the job that is in the way; that nothing was started is no success."""
    verbs.schedule("by hand")
    busy = verbs.task(site="acme", schedule="by hand")
    job = verbs.run_now(busy)
    with steering.signed_in("all_operator") as browser:
        asked = browser.get("/confirm/run-now?schedule=by+hand").text
        nothing = do(browser, "run-now", schedule="by hand")
        verbs.task(site="acme", schedule="by hand")
        something = do(browser, "run-now", schedule="by hand")
        none = do(browser, "run-now", schedule="half")

    assert "tasks that are enabled: 1; linked tasks: 0" in asked
    assert "flows keep their priority" in asked
    assert nothing.startswith("notice refused")
    assert "nothing of schedule by hand was started" in nothing
    assert f"task {busy}: has job {job}" in nothing
    assert something.startswith("notice done")
    assert "1 job queued, 1 passed over" in something
    assert "does not exist" in none


def test_a_warning_of_the_database_is_shown_with_its_hint(verbs: Verbs, steering: Console) -> None:
    """What was asked for is done all the same."""
    verbs.run("update pgdispatch.node set processors = 16 where name = 'n'")
    with steering.signed_in("all_operator") as browser:
        quiet = do(browser, "set-number", node="n", number="8")
        warned = do(browser, "set-number", node="n", number="9")

    assert "processors" not in quiet
    assert warned.startswith("notice done")
    assert "node n has 9 backgrounders for 16 processors" in warned
    assert "more than half of the processors leaves little for other programs" in warned


def test_no_button_runs_what_its_site_does_not_let_run(verbs: Verbs, steering: Console) -> None:
    """Nor one of which a job waits already: on the page of an ended job as on that of its task."""
    task = verbs.task(site="acme")
    flow = verbs.task("flow", site="acme")
    linked = linked_task(verbs, flow, site="acme", title="flows")
    ended = verbs.job("full_extract", task=task)
    verbs.cancel(ended)
    paths = [f"/job/{ended}", f"/task/{task}", f"/linked/{linked}"]
    with steering.signed_in("acme_operator") as browser:
        allowed = [path for path in paths if "/do/run-now" in browser.get(path).text]
        verbs.run("update pgdispatch.site set run_now_enabled = false where name = 'acme'")
        forbidden = [path for path in paths if "/do/run-now" in browser.get(path).text]
        verbs.run("update pgdispatch.site set run_now_enabled = true where name = 'acme'")
        verbs.run_now(task)
        busy = [path for path in paths[:2] if "/do/run-now" in browser.get(path).text]

    assert (allowed, forbidden, busy) == (paths, [], [])


def test_a_wrong_recurrence_is_told_of_over_its_field(verbs: Verbs, steering: Console) -> None:
    """On the schedule's page, as it is; an empty one means none, which can be set."""
    verbs.schedule("tried", recurrence="daily at 02:30")
    with steering.signed_in("all_operator") as browser:
        wrong = browser.get("/schedule/tried?recurrence=now+and+then&time_zone=UTC")
        nowhere = browser.get("/schedule/tried?recurrence=daily+at+02:30&time_zone=Mars/Base")
        empty = browser.get("/schedule/tried?recurrence=&time_zone=UTC").text
        notice = do(browser, "recurrence", schedule="tried", recurrence="", time_zone="UTC")

    assert [wrong.status_code, nowhere.status_code] == [200, 200]
    for page in (wrong.text, nowhere.text):
        assert 'class="refusal" role="alert"' in page
        assert "Set to" not in page
    assert 'value="now and then"' in wrong.text
    assert "Set to none" in empty
    assert "schedule tried runs only when somebody runs it" in notice
    assert verbs.value("select recurrence is null from pgdispatch.schedule where name = 'tried'")


KILL = """
create function kill_itself() returns trigger language plpgsql as $$
begin
    if new.id = {} then
        perform pg_terminate_backend(pg_backend_pid());
        perform pg_sleep(10);
    end if;
    return new;
end
$$;
create trigger kill before update of priority on pgdispatch.job
for each row execute function kill_itself();
"""


def test_what_was_done_is_told_when_the_database_goes_away(verbs: Verbs, steering: Console) -> None:
    """Of several jobs: which one is not known, and how many were not begun."""
    jobs = [verbs.job(site="acme") for _ in range(4)]
    verbs.connection.execute(KILL.format(jobs[1]).encode())
    try:
        with steering.signed_in("all_operator") as browser:
            fields = {"_token": token_in(browser.get("/").text), "priority": "3"}
            browser.post("/do/set-priority", data={**fields, "job": [str(job) for job in jobs]})
            (notice,) = NOTICE.findall(browser.get("/").text)
    finally:
        verbs.run("drop trigger kill on pgdispatch.job")
        verbs.run("drop function kill_itself")

    assert f"job {jobs[1]}: the database went away" in notice
    assert f"job {jobs[0]} has priority 3" in notice
    assert "not begun: 2 more" in notice


def test_what_was_done_is_seen_at_once(verbs: Verbs, steering: Console) -> None:
    """Though a page that was read a moment ago is good for others, too."""
    path = f"/job/{verbs.job(site='acme', key='order-17')}"
    with steering.signed_in("all_operator") as browser:
        fields = {"_token": token_in(browser.get(path).text), "back": path}
        fields["job"] = path.rpartition("/")[2]
        browser.post("/do/set-priority", data={**fields, "priority": "7"})
        page = browser.get(path).text
        browser.post("/do/cancel", data=fields)
        ended = browser.get(path).text

    assert "<dt>Priority</dt><dd>7</dd>" in page
    assert "by all_operator" in ended
    assert all("<dt>Key</dt><dd>order-17 " in one for one in (page, ended))


def test_a_question_says_what_will_happen(verbs: Verbs, steering: Console) -> None:
    """By what each job is at; nothing is done yet, and the form does all of it."""
    verbs.job(site="acme")
    verbs.run(FREE)
    verbs.run(END_PAUSES)
    running = verbs.claim("n:1")
    waiting = verbs.job(site="acme", title="rests")
    with steering.signed_in("all_operator") as browser:
        asked = browser.get(f"/confirm/cancel?job={waiting}&job={running}&back=/queue").text
        drain = browser.get("/confirm/drain?node=n").text

    assert f"Cancel job {waiting}, {running} (2 in all)?" in asked
    assert "jobs that run there now: 1" in drain
    assert f"job {waiting}, rests, waits: it ends at once" in asked
    assert re.search(rf"job {running}, [^,]+, runs: it is asked to stop, and killed", asked)
    assert asked.count('name="job"') == 2
    assert 'name="back" value="/queue"' in asked
    assert 'name="reason"' in asked


def test_several_jobs_are_cancelled_each_for_itself(verbs: Verbs, steering: Console) -> None:
    """One that is refused does not keep the others from it."""
    jobs = [str(verbs.job(site="acme")) for _ in range(3)]
    with steering.signed_in("acme_operator") as browser:
        token = token_in(browser.get("/").text)
        fields = {
            "_token": token,
            "job": [jobs[0], "999999", jobs[1], "888888", jobs[2]],
            "reason": "x",
        }
        browser.post("/do/cancel", data=fields)
        (notice,) = NOTICE.findall(browser.get("/").text)

    outcomes = verbs.values(
        "select outcome from pgdispatch.job_history where id = any (%s)", [int(job) for job in jobs]
    )
    assert outcomes == ["cancelled"] * 3
    assert "999999" in notice
    assert "refused as well" in notice
    assert "888888" in notice
    assert "3 done" in notice


def make_thing(verbs: Verbs, kind: str) -> str:
    """Return the name of a new thing that nothing is in the way of, as a form says it."""
    verbs.run("delete from pgdispatch.job_type where name = 'thing'")
    if kind == "site":
        verbs.site("thing")
        verbs.task("flow", site="thing")
    elif kind == "schedule":
        verbs.schedule("a/thing")
        verbs.task(site="acme", schedule="a/thing")
        return "a/thing"
    elif kind == "type":
        verbs.run("insert into pgdispatch.job_type (name) values ('thing')")
    elif kind == "node":
        verbs.run("insert into pgdispatch.node (name) values ('thing')")
    elif kind == "task":
        return str(verbs.task(site="acme"))
    else:
        return str(verbs.add("linked_task", site="acme", title="thing"))
    return "thing"


@pytest.mark.parametrize(
    ("kind", "takes", "anew", "gone"),
    [
        ("site", "tasks (1) are deleted", "/site/other", "/sites"),
        ("schedule", "tasks (1) stay, without a schedule", "/schedule/other", "/schedules"),
        ("type", "history stays", "/type/other", "/types"),
        ("node", "history stays", "/node/other", "/nodes"),
        ("task", "history stays", "/back", "/tasks"),
        ("linked_task", "history stays", "/back", "/linked"),
    ],
)
def test_things_are_renamed_and_deleted(
    verbs: Verbs, steering: Console, *, kind: str, takes: str, anew: str, gone: str
) -> None:
    """After a question that says what goes along; the page that it leads to is there."""
    thing = make_thing(verbs, kind)
    name = "other" if anew != "/back" else thing
    with steering.signed_in("all_operator") as browser:
        fields = {"_token": token_in(browser.get("/").text), "back": "/back", kind: thing}
        asked = [browser.get(f"/confirm/{verb}", params={kind: thing}).text
                 for verb in ("rename", "delete")]  # fmt: skip
        renamed = browser.post("/do/rename", data={**fields, "new_name": "other"})
        shown = browser.get(anew).status_code if anew != "/back" else 200
        deleted = browser.post("/do/delete", data={**fields, kind: name, "reason": "ticket 12"})
        (notice,) = NOTICE.findall(browser.get("/").text)

    assert 'name="new_name"' in asked[0]
    assert takes in asked[1]
    assert (renamed.headers["location"], shown) == (anew, 200)
    assert deleted.headers["location"] == gone
    assert "is deleted" in notice
    assert verbs.value("select reason from pgdispatch.change order by id desc limit 1") == (
        "ticket 12"
    )


def test_what_is_in_use_is_told_of_and_stays(verbs: Verbs, steering: Console) -> None:
    """The question has no yes; else in the database's words, with its hint, where it was asked."""
    verbs.job(site="acme")
    with steering.signed_in("all_operator") as browser:
        asked = browser.get("/confirm/delete?site=acme").text
        notice = do(browser, "delete", site="acme")

    jobs = verbs.value("select count(*) from pgdispatch.job where site = 'acme'")
    assert f"jobs that wait or run ({jobs}) are in the way" in asked
    assert "Not before what is in the way has gone." in asked
    assert "Yes, delete" not in asked
    assert "site acme cannot be deleted: jobs of it wait or run" in notice
    assert "wait until they have ended, or cancel them" in notice


def test_what_there_is_not_is_told_of(steering: Console) -> None:
    """An update that finds no row is no success."""
    with steering.signed_in("all_operator") as browser:
        notice = do(browser, "undrain", node="nowhere")

    assert "there is no node nowhere" in notice


def test_a_wrong_value_is_told_of(steering: Console) -> None:
    """In the words of the form, or in those of the database."""
    with steering.signed_in("all_operator") as browser:
        ours = do(browser, "set-priority", job="1", priority="101")
        theirs = do(browser, "recurrence", schedule="nightly", recurrence="now and then")

    assert "it is a whole number from 1 to 100" in ours
    assert "notice refused" in theirs
    assert "recurrence" in theirs
