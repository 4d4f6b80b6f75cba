"""What people can do: each verb is one statement, as the person who asks for it.

The database decides whether they may; a page only leaves out the buttons that it would refuse.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import psycopg
from psycopg import sql

from pgdispatch.database import session_settings
from pgdispatch.errors import InvalidInputError, NotFoundError
from pgdispatch.host.streams import printable
from pgdispatch.web.console import statements, words
from pgdispatch.web.console.asked import LONGEST, one_of, short_text, whole_number
from pgdispatch.web.console.login import AwayError, Login
from pgdispatch.web.console.reading import ask
from pgdispatch.web.console.refusals import explain
from pgdispatch.web.console.sessions import Notice, settle

logger = logging.getLogger("pgdispatch")

Values = dict[str, Any]
Reading = Callable[[str, str], Any]
MOST_TYPES = 100
MOST_TOLD = 10  # of many that were refused


@dataclass(frozen=True)
class Way:
    """One way to do a verb: to what it is done, its statement, what is asked, what is said after.

    `fields` are read from the form; those in `optional` may be absent, and are null then. `many`:
    the field that may come up to a thousand times, each time for a statement of its own. `asks`:
    one that the page of the question has room for. In `question` and `done` values stand in curly
    brackets, in `done` the statement's answer as well. `look` is a statement whose rows tell, in
    the words of `fact`, what it is about; of the field in `many` it gets all values. `then` is
    the page to go to when it is done, with values as in `done`; empty: where it was asked. `tell`
    says in place of `done` what has become of it, where that is not always the same.
    """

    fields: Mapping[str, Reading]
    statement: str
    question: str
    done: str
    outcome: str = ""
    optional: frozenset[str] = frozenset()
    many: str | None = None
    asks: str | None = None
    look: str = ""
    fact: str = "{told}"
    then: str = ""
    tell: Callable[[Values], Notice] | None = None

    def values(self, given: Mapping[str, list[str]], *, is_asked: bool = False) -> Iterable[Values]:
        """Yield what was given, for each statement; `is_asked`: but for what is still to be asked.

        Raises `InvalidInputError`.
        """
        names = [name for name in self.fields if not is_asked or name != self.asks]
        for each in given.get(self.many or "", [None]) if self.many else [None]:
            yield {name: self._value(name, given, each) for name in names}

    def _value(self, name: str, given: Mapping[str, list[str]], each: str | None) -> Any:
        text = each if name == self.many and each is not None else given.get(name, [""])[-1]
        if text == "" and name in self.optional:
            return None
        if text == "":
            raise InvalidInputError(f"{name} is not given")
        return self.fields[name](name, text)


@dataclass(frozen=True)
class Verb:
    """Something to do, in one way or in several: the one whose first field is given."""

    ways: tuple[Way, ...]
    is_grave: bool = False

    def way(self, given: Mapping[str, list[str]]) -> Way:
        """Return the way that is meant. Raises `InvalidInputError`."""
        for way in self.ways:
            if given.get(next(iter(way.fields))):
                return way
        firsts = [next(iter(way.fields)) for way in self.ways]
        if firsts == ["job"]:
            raise InvalidInputError("no job is ticked", hint="tick those that it is for")
        raise InvalidInputError("it is not said to what", hint=f"give one of: {', '.join(firsts)}")


def _started(row: Values) -> Notice:
    text, detail = words.started(row["schedule"], row)
    return Notice("done" if row["jobs"] else "refused", text, detail)


def _id(name: str, text: str) -> int:
    return whole_number(name, text, 0, 2**63 - 1)


def _between(low: int, high: int) -> Reading:
    return lambda name, text: whole_number(name, text, low, high)


def _text(name: str, text: str) -> str:
    return short_text(name, text, LONGEST)


def _day(name: str, text: str) -> date:
    try:
        return date.fromisoformat(short_text(name, text, LONGEST))
    except ValueError:
        raise InvalidInputError(f"{name} is no day", hint="write it as 2026-12-25") from None


def _flag(name: str, text: str) -> bool:
    return one_of(name, text, ("true", "false")) == "true"


def _word(*choices: str) -> Reading:
    return lambda name, text: one_of(name, text, choices)


def _names(name: str, text: str) -> list[str]:
    found = [each.strip() for each in short_text(name, text, LONGEST * 4).split(",")]
    if len(found) > MOST_TYPES:
        raise InvalidInputError(f"{name} has too many names", hint=f"up to {MOST_TYPES} will do")
    return [each for each in found if each]


def _rename(field: str, kind: str, read: Reading, then: str = "") -> Way:
    return Way(
        {field: read, "new_name": _text},
        statements.RENAME(kind, field),
        question=f"Rename {kind} {{{field}}}?",
        outcome="What refers to it follows.",
        done=f"{kind} {{{field}}} is now {{new_name}}",
        look=statements.RENAME_TAKES(kind, field),
        asks="new_name",
        then=then,
    )


def _delete(field: str, kind: str, read: Reading, then: str) -> Way:
    return Way(
        {field: read, "reason": _text},
        statements.DELETE(kind, field),
        question=f"Delete {kind} {{{field}}}?",
        outcome="It cannot be undone.",
        done=f"{kind} {{{field}}} is deleted",
        look=statements.DELETE_TAKES(kind, field),
        optional=frozenset({"reason"}),
        asks="reason",
        then=then,
    )


PRIORITY = _between(1, 100)
LIMIT = _between(-1, 2**31 - 1)
SCOPE = _word("site", "type", "schedule")
FREE_DAY = _word("run", "skip", "before", "after")
TERMS: dict[str, Reading] = {
    "due": _text,
    "since_hours": _between(1, 8784),
    "age_hours": _between(1, 8784),
    "time_zone": _text,
    "target": _text,
}
VERBS: dict[str, Verb] = {
    "cancel": Verb(
        (
            Way(
                {"job": _id, "reason": _text},
                statements.CANCEL,
                question="Cancel job {job}?",
                outcome="What has ended meanwhile is left as it is.",
                done="job {job}: {answer}",
                look=statements.JOBS_TO_CANCEL,
                fact="job {job}, {title}, {fate}",
                optional=frozenset({"reason"}),
                many="job",
                asks="reason",
            ),
        ),
        is_grave=True,
    ),
    "set-priority": Verb(
        (
            Way(
                {"job": _id, "priority": PRIORITY},
                statements.SET_PRIORITY,
                question="Give job {job} another priority?",
                outcome="It moves to its new place in the queue at once.",
                done="job {job} has priority {priority}",
                look=statements.JOBS_TO_MOVE,
                fact="job {job}, {title}, has priority {former}",
                asks="priority",
                many="job",
            ),
        )
    ),
    "run-now": Verb(
        (
            Way(
                {"task": _id},
                statements.RUN_NOW,
                question="Run task {task} now?",
                outcome="Its job goes before everything that waits; a flow keeps its priority.",
                done="job {answer} queued",
            ),
            Way(
                {"schedule": _text},
                statements.RUN_NOW_SCHEDULE,
                question="Run all tasks of schedule {schedule} now?",
                outcome="Their jobs go before everything that waits; flows keep their priority. "
                "What has a job already, is suspended or may not is passed over.",
                done="",
                look=statements.TASKS_TO_RUN,
                fact="tasks that are enabled: {tasks}; linked tasks: {linked_tasks}",
                tell=_started,
            ),
            Way(
                {"linked_task": _id},
                statements.RUN_NOW_LINKED_TASK,
                question="Run linked task {linked_task} now?",
                outcome="Its first step is queued with the priority of the linked task.",
                done="job {answer} queued",
            ),
        )
    ),
    "retry": Verb(
        (
            Way(
                {"job": _id},
                statements.RETRY,
                question="Run job {job} again?",
                outcome="Each is a new job like it, queued as one that is added now.",
                done="job {answer} queued, a retry of job {job}",
                look=statements.JOBS_TO_RETRY,
                fact="job {job}, {title}, {outcome}{alone}",
                many="job",
            ),
        )
    ),
    "resume": Verb(
        (
            Way(
                {"task": _id},
                statements.RESUME,
                question="Let task {task} run again?",
                outcome="Its failures so far do not count any more.",
                done="task {task} runs again",
            ),
        )
    ),
    "republish": Verb(
        (
            Way(
                {"site": _text, "datasource": _text},
                statements.REPUBLISH,
                question="Count datasource {datasource} of site {site} as published anew?",
                outcome="The run times and failures of its tasks so far do not count any more.",
                done="{answer} tasks of {datasource} begin anew",
            ),
        )
    ),
    "enable-task": Verb(
        (
            Way(
                {"task": _id, "is_enabled": _flag},
                statements.ENABLE_TASK,
                question="Change whether task {task} runs on its schedule?",
                outcome="Jobs that wait already are not changed.",
                done="task {task} changed",
            ),
        )
    ),
    "set-number": Verb(
        (
            Way(
                {"node": _text, "number": _between(0, 1000)},
                statements.SET_NUMBER,
                question="Run {number} backgrounders on node {node}?",
                outcome="It follows within seconds; a job that runs is not stopped.",
                done="node {node} runs {number} backgrounders",
            ),
        )
    ),
    "drain": Verb(
        (
            Way(
                {"node": _text, "minutes": _between(0, 43_200)},
                statements.DRAIN,
                question="Let node {node} take no new jobs?",
                outcome="Those that run there go on; it stays so, over restarts too. With a time "
                "they go back to the queue then, and it ends when the node stops.",
                done="node {node} takes no new jobs",
                optional=frozenset({"minutes"}),
                asks="minutes",
                look=statements.JOBS_THERE,
                fact="jobs that run there now: {jobs}",
            ),
        ),
        is_grave=True,
    ),
    "undrain": Verb(
        (
            Way(
                {"node": _text},
                statements.UNDRAIN,
                question="Let node {node} take jobs again?",
                outcome="Its idle backgrounders ask for one at once.",
                done="node {node} takes jobs",
            ),
        )
    ),
    "types": Verb(
        (
            Way(
                {"node": _text, "only": _names, "but": _names},
                statements.TYPES,
                question="Change which job types node {node} takes?",
                outcome="It holds at once for the next job.",
                done="node {node} changed",
                optional=frozenset({"only", "but"}),
            ),
        )
    ),
    "enable": Verb(
        (
            Way(
                {"schedule": _text, "is_enabled": _flag},
                statements.ENABLE,
                question="Change whether schedule {schedule} makes jobs?",
                outcome="Jobs that wait already are not changed.",
                done="schedule {schedule} changed",
            ),
        )
    ),
    "execution": Verb(
        (
            Way(
                {"schedule": _text, "execution": _word("parallel", "serial")},
                statements.EXECUTION,
                question="Run the jobs of schedule {schedule} in {execution}?",
                outcome="It holds at once for those that wait.",
                done="schedule {schedule} is {execution}",
            ),
        )
    ),
    "recurrence": Verb(
        (
            Way(
                {
                    "schedule": _text,
                    "recurrence": _text,
                    "time_zone": _text,
                    "calendar": _text,
                    "on_free_day": FREE_DAY,
                    "is_by_calendar": _flag,
                },
                statements.RECURRENCE,
                question="Change when schedule {schedule} runs?",
                outcome="Its next run is found anew.",
                done="schedule {schedule} runs {answer}",
                optional=frozenset(
                    {"recurrence", "time_zone", "calendar", "on_free_day", "is_by_calendar"}
                ),
            ),
        )
    ),
    "calendar-day": Verb(
        (
            Way(
                {
                    "day": _day,
                    "calendar": _text,
                    "becomes": _word("free", "works"),
                    "day_name": _text,
                },
                statements.CALENDAR_DAY,
                question="Change {day} in calendar {calendar}?",
                outcome="For the schedules that go by it that holds at once.",
                done="{day} in calendar {calendar}: {becomes}",
                optional=frozenset({"day_name"}),
            ),
            Way(
                {"usual_day": _day, "calendar": _text},
                statements.CALENDAR_DAY_USUAL,
                question="Let {usual_day} in calendar {calendar} be what its weekday says?",
                outcome="For the schedules that go by it that holds at once.",
                done="{usual_day} in calendar {calendar} is as usual",
            ),
        )
    ),
    "close": Verb(
        (
            Way(
                {"closed_window": _text, "is_enabled": _flag},
                statements.CLOSE,
                question="Change whether window {closed_window} counts?",
                outcome="One that is open lets go at once when it does not.",
                done="window {closed_window} changed",
            ),
        )
    ),
    "priority": Verb(
        (
            Way(
                {"schedule": _text, "priority": PRIORITY},
                statements.PRIORITY,
                question="Give schedule {schedule} the priority {priority}?",
                outcome="Tasks keep the priority that they have; those made later take it over.",
                done="schedule {schedule} has priority {priority}",
            ),
        )
    ),
    "contract": Verb(
        (
            Way(
                {
                    "contract": _id,
                    **TERMS,
                    "warn_percent": _between(1, 100),
                    "warn_minutes": _between(0, 44_640),
                    "note": _text,
                },
                statements.CHANGE_CONTRACT,
                question="Change contract {contract}?",
                outcome="In other terms it is watched from now on.",
                done="contract {contract} changed",
                optional=frozenset({*TERMS, "note"}),
            ),
            Way(
                {
                    "contract_name": _text,
                    "site": _text,
                    "datasource": _text,
                    "task": _id,
                    "schedule": _text,
                    "linked_task": _id,
                    **TERMS,
                },
                statements.ADD_CONTRACT,
                question="Add contract {contract_name}?",
                outcome="It is watched from now on.",
                done="contract {answer} added",
                optional=frozenset({"datasource", "task", "schedule", "linked_task", *TERMS}),
                then="/contract/{answer}",
            ),
        )
    ),
    "enable-contract": Verb(
        (
            Way(
                {"contract": _id, "is_enabled": _flag},
                statements.ENABLE_CONTRACT,
                question="Change whether contract {contract} is watched?",
                outcome="Nobody is told of one that is not.",
                done="contract {contract} changed",
            ),
        )
    ),
    "limits": Verb(
        (
            Way(
                {
                    "site": _text,
                    "max_running_jobs": LIMIT,
                    "daily_seconds": LIMIT,
                    "over_budget": _word("defer", "cancel"),
                    "run_now_enabled": _flag,
                },
                statements.LIMITS,
                question="Change the limits of site {site}?",
                outcome="They hold at once for the next job; one that runs is not stopped.",
                done="site {site} changed",
                optional=frozenset(
                    {"max_running_jobs", "daily_seconds", "over_budget", "run_now_enabled"}
                ),
            ),
        )
    ),
    "pause": Verb(
        (
            Way(
                {"scope": SCOPE, "name": _text, "hours": _between(1, 8760), "reason": _text},
                statements.PAUSE,
                question="Pause {scope} {name}?",
                outcome="Its jobs keep their places and do not start; those that run go on.",
                done="{scope} {name} is paused",
                optional=frozenset({"hours", "reason"}),
                asks="reason",
            ),
            Way(
                {"everything": _word("true"), "hours": _between(1, 8760), "reason": _text},
                statements.PAUSE_ALL,
                question="Pause everything?",
                outcome="All jobs keep their places and do not start; those that run go on.",
                done="everything is paused",
                optional=frozenset({"hours", "reason"}),
                asks="reason",
            ),
        )
    ),
    "end-pause": Verb(
        (
            Way(
                {"scope": SCOPE, "name": _text},
                statements.END_PAUSE,
                question="Resume {scope} {name}?",
                outcome="Its jobs start again, from their old places.",
                done="{scope} {name} is paused no longer",
            ),
            Way(
                {"everything": _word("true")},
                statements.END_PAUSE_ALL,
                question="Resume everything?",
                outcome="Jobs start again, from their old places.",
                done="everything is paused no longer",
            ),
        )
    ),
    "rename": Verb(
        (
            _rename("site", "site", _text, "/site/{new_name}"),
            _rename("schedule", "schedule", _text, "/schedule/{new_name}"),
            _rename("task", "task", _id),
            _rename("linked_task", "linked task", _id),
            _rename("contract", "contract", _id),
            _rename("type", "job type", _text, "/type/{new_name}"),
            _rename("node", "node", _text, "/node/{new_name}"),
        )
    ),
    "delete": Verb(
        (
            _delete("site", "site", _text, "/sites"),
            _delete("schedule", "schedule", _text, "/schedules"),
            _delete("task", "task", _id, "/tasks"),
            _delete("linked_task", "linked task", _id, "/linked"),
            _delete("contract", "contract", _id, "/contracts"),
            _delete("type", "job type", _text, "/types"),
            _delete("node", "node", _text, "/nodes"),
        ),
        is_grave=True,
    ),
}
TOO_LATE = "what it takes along was not counted within two seconds; try again before you do it"
IN_THE_WAY = "are in the way"  # as `consequences` says it
BARRED = "Not before what is in the way has gone."


@dataclass(frozen=True)
class Confirmation:
    """What is asked before a verb: `facts` are what it is about, `fields` for the form.

    `asks` is a field to be filled in there, `asked` what it has been told already. `is_barred`:
    something is in the way, so that the database would refuse it.
    """

    verb: str
    question: str
    facts: tuple[str, ...]
    outcome: str
    is_grave: bool
    asks: str | None
    asked: str
    fields: tuple[tuple[str, str], ...]
    is_barred: bool


def known(verb: str) -> str:
    """Return `verb` if there is one of that name. Raises `NotFoundError`."""
    if verb not in VERBS:
        raise NotFoundError("there is no such verb", hint=f"there are: {', '.join(VERBS)}")
    return verb


def confirmation(
    connection: psycopg.Connection[Any], verb: str, given: Mapping[str, list[str]]
) -> Confirmation:
    """Return what to ask before a verb. Raises `InvalidInputError`.

    Transaction: joins the caller's; reads only.
    """
    way = VERBS[verb].way(given)
    actions = list(way.values(given, is_asked=True))
    question = way.question.format(**{**actions[0], **_together(way, actions)})
    names = [name for name in way.fields if name != way.asks]
    facts = _facts(connection, way, actions)
    is_barred = any(fact.endswith(IN_THE_WAY) for fact in facts)
    return Confirmation(
        verb,
        question,
        facts,
        BARRED if is_barred else way.outcome,
        VERBS[verb].is_grave,
        way.asks,
        given.get(way.asks or "", [""])[-1],
        tuple((name, text) for name in names for text in given.get(name, [])),
        is_barred,
    )


def _facts(connection: psycopg.Connection[Any], way: Way, actions: list[Values]) -> tuple[str, ...]:
    if not way.look:
        return ()
    values = dict(actions[0])
    if way.many is not None:
        values[way.many] = [each[way.many] for each in actions]
    found = ask(connection, way.look, **values)
    return (TOO_LATE,) if found.is_late else tuple(way.fact.format(**row) for row in found)


def _together(way: Way, actions: list[Values]) -> Values:
    """Return the objects of several actions as one text: those that will be hit, by name."""
    if way.many is None or len(actions) == 1:
        return {}
    names = [str(values[way.many]) for values in actions]
    shown = ", ".join(names[:20]) + ("" if len(names) <= 20 else f" and {len(names) - 20} more")
    return {way.many: f"{shown} ({len(names)} in all)"}


@dataclass
class Outcome:
    """What has become of the statements of one action, and what the database warned of."""

    done: list[str] = field(default_factory=list)
    refused: list[Notice] = field(default_factory=list)
    details: list[str] = field(default_factory=list)
    hint: str | None = None
    path: str | None = None

    def warn(self, said: psycopg.errors.Diagnostic) -> None:
        """Keep a warning of the database."""
        if said.severity_nonlocalized == "WARNING":
            self.details.append(said.message_primary or "")
            self.hint = self.hint or said.message_hint

    def add(self, notice: Notice) -> None:
        """Keep what became of one statement."""
        if notice.kind == "refused":
            self.refused.append(notice)
            return
        self.done.append(notice.text)
        self.details += [notice.detail] if notice.detail else []

    def notice(self) -> Notice:
        """Return it in one: what was refused first, word for word."""
        details = "; ".join(dict.fromkeys(self.details)) or None
        if not self.refused:
            return Notice("done", _in_short(self.done), details, self.hint, path=self.path)
        first, *others = self.refused
        facts = [
            first.detail,
            _also_refused([one.text for one in others]),
            _in_short(self.done) if self.done else None,
            details,
        ]
        told = "; ".join(fact for fact in facts if fact)
        return Notice("refused", first.text, told or None, first.hint or self.hint)


def act(login: Login, verb: str, given: Mapping[str, list[str]], address: str) -> Notice:
    """Do a verb; return what to say of it. Raises `InvalidInputError`, `AwayError`.

    Each statement is told of in one line of the log, whether the database refused it or not.

    Transaction: one for each statement, on a connection of its own, as the person of `login`.
    """
    way = VERBS[verb].way(given)
    actions = list(way.values(given))
    outcome = Outcome()
    link = login.open()
    link.add_notice_handler(outcome.warn)
    try:
        for values in actions:
            said = _act_once(login, link, way, values, outcome)
            _tell(login.person, address, verb, values, said)
    except AwayError as error:
        if not (outcome.done or outcome.refused):
            raise
        rest = len(actions) - len(outcome.done) - len(outcome.refused) - 1
        whose = f"{' '.join(_named(way, values))}: {error.message}"
        outcome.refused.insert(0, Notice("refused", whose, f"not begun: {rest} more"))
    finally:
        link.close()
    return outcome.notice()


def look_ahead(login: Login) -> None:
    """Say that somebody looks at the forecast.

    Transaction: one, on a connection of its own, as the person of `login`.
    """
    link = login.open()
    try:
        with link.transaction():
            settle(link, login, statements.ACTING)
            link.execute(statements.LOOK_AT_FORECAST)
    finally:
        link.close()


def _act_once(
    login: Login, link: psycopg.Connection[Any], way: Way, values: Values, outcome: Outcome
) -> str:
    literals = {name: sql.Literal(value) for name, value in {**values, "by": login.person}.items()}
    query = sql.SQL(way.statement).format(**literals)
    try:
        with link.transaction():
            settle(link, login, statements.ACTING)
            link.execute(session_settings.SAY_WHO, [login.person])  # the login may be many people's
            found = link.execute(query).fetchone()
        if found is None:
            raise NotFoundError(f"there is no {' '.join(_named(way, values))}")
        facts = {**values, **found}
        notice = way.tell(facts) if way.tell else Notice("done", way.done.format(**facts))
        outcome.add(notice)
        outcome.path = way.then.format(**facts) or None
        said = notice.text
    except (psycopg.Error, NotFoundError) as error:
        if link.closed:
            raise AwayError("the database went away before it said what became of it") from error
        told = explain(error)
        said = told.message
        name = " ".join(_named(way, values))
        whose = said if way.many is None or name in said else f"{name}: {said}"
        outcome.add(Notice("refused", whose, told.detail, told.hint))
    return said


def _named(way: Way, values: Values) -> tuple[str, str]:
    name = next(iter(way.fields))
    return name.replace("_", " "), str(values[name])


def _in_short(done: list[str]) -> str:
    return done[0] if len(done) == 1 else f"{len(done)} done: {done[0]}, …, {done[-1]}"


def _also_refused(texts: list[str]) -> str | None:
    more = [f"and {len(texts) - MOST_TOLD} more"] if len(texts) > MOST_TOLD else []
    return "refused as well: " + "; ".join([*texts[:MOST_TOLD], *more]) if texts else None


def _tell(person: str, address: str, verb: str, values: Values, said: str) -> None:
    arguments = " ".join(f"{name}={value!r}" for name, value in values.items() if value is not None)
    facts = {"person": person, "address": address, "verb": verb, "answer": said, **values}
    logger.info(
        "console: %s from %s: %s %s: %s",
        *(printable(part) for part in (person, address, verb, arguments, said)),
        extra={"facts": facts},
    )
