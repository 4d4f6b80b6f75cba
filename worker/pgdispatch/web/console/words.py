"""What the console says: spans, instants, counts, and the sentences that lead its pages.

Pure: from facts to words. A reason is said as SQL says it, never renamed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from string import Formatter
from typing import Any
from zoneinfo import ZoneInfo

from pgdispatch.outcome import WENT_BACK

MOST = 10_000  # beyond this nothing is counted
OVER = 1.3  # times its usual time, from which a run is noted
NOTHING = "\N{EN DASH}"
MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True)
class Tone:
    """How a state looks: its colour, the glyph before its word, and the word."""

    colour: str
    glyph: str
    label: str


KINDS: Mapping[str, Tone] = {  # of reasons to wait, as the view queue names them
    "next": Tone("run", "next", "next in line"),
    "datasource": Tone("gate", "gate", "datasource busy"),
    "schedule": Tone("gate", "gate", "serial schedule busy"),
    "site limit": Tone("gate", "gate", "site limit"),
    "held": Tone("gate", "gate", "held by a transaction"),
    "site budget": Tone("warn", "warn", "site budget spent"),
    "no node": Tone("warn", "warn", "no node takes it"),
    "paused": Tone("warn", "warn", "paused"),
    "closed": Tone("mute", "time", "closed for a while"),
    "time": Tone("mute", "time", "not before its time"),
}
STATES: Mapping[str, Tone] = {
    name: Tone(colour, glyph, name)
    for colour, glyph, names in (
        ("ok", "ok", ("succeeded", "up", "has room", "fresh")),
        ("bad", "bad", ("failed", "lost", "suspended", "error", "killed", "timed out", "broken")),
        ("run", "running", ("running", "busy")),
        ("gate", "gate", ("waiting", "full")),
        ("warn", "warn", ("drained", "open", "draining", "at risk", "will be late")),
        ("bad", "time", ("late",)),
        ("mute", "time", ("starting", "idle", "not reached", "to come")),
        ("mute", "stop", ("cancelled", "stopped", "disabled", "skipped", "passed over", "over")),
        ("mute", "stop", WENT_BACK),
    )
    for name in names
}
OTHER = Tone("mute", "time", "waits")


def tone_of_kind(kind: str | None) -> Tone:
    """Return how a kind of reason looks; one that is not known here is shown quietly."""
    return KINDS.get(kind or "", OTHER)


def tone_of_state(state: str) -> Tone:
    """Return how the state of a job, a node or a gate looks."""
    return STATES.get(state, OTHER)


def span(length: timedelta | float | None) -> str:
    """Return a span for people, `8.8 s`, `4 min 50 s`, `26 min`, `3 h 20 min`; a dash for none.

    A number is seconds. Seconds beside minutes count below five minutes only.
    """
    if length is None:
        return NOTHING
    seconds = length.total_seconds() if isinstance(length, timedelta) else float(length)
    if seconds < 0:
        return MINUS + span(-seconds)
    whole, minutes = round(seconds), round(seconds / 60)
    if seconds < 9.95:
        return f"{seconds:.1f}".removesuffix(".0") + " s"
    if whole < 300:
        return _in_units(whole, 60, "min", "s")
    if minutes < 1440:
        return _in_units(minutes, 60, "h", "min")
    return _in_units(round(minutes / 60), 24, "d", "h")


def _in_units(count: int, length: int, unit: str, smaller: str) -> str:
    first, rest = divmod(count, length)
    parts = [f"{first} {unit}"] if first else []
    return " ".join(parts + ([f"{rest} {smaller}"] if rest or not first else []))


def chance(share: float | None) -> str:
    """Return a chance in per cent; a dash for one that is not known."""
    if share is None:
        return "\N{EN DASH}"
    return "<1 %" if 0 < share < 0.005 else f"{share * 100:.0f} %"


def clock(instant: datetime | None, zone: str, now: datetime, *, is_exact: bool = False) -> str:
    """Return an instant as read in `zone`: the time if it is today, else the date before it.

    To the minute, or with `is_exact` to the second; a dash for none.
    """
    if instant is None:
        return NOTHING
    there = ZoneInfo(zone)
    shown, today = instant.astimezone(there), now.astimezone(there).date()
    time = shown.strftime("%H:%M:%S" if is_exact else "%H:%M")
    return time if shown.date() == today else f"{shown:%Y-%m-%d} {time}"


def count(number: int, most: int = MOST) -> str:
    """Return a number that was counted to `most` + 1: `21`, `1,204`, `more than 10,000`."""
    return f"more than {most:,}" if number > most else f"{number:,}"


def counted(number: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun: `1 job`, `21 jobs`, `more than 10,000 jobs`."""
    return f"{count(number)} {one if number == 1 else many or one + 's'}"


def listed(names: Sequence[str], most: int = 5) -> str:
    """Return names as a list in a sentence: `a, b and c`, `a, b and 7 more`."""
    if len(names) > most:
        names = [*names[: most - 1], f"{len(names) - most + 1:,} more"]
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def by_number(name: str) -> tuple[str, int]:
    """Return the key by which backgrounders are sorted: the node, and the number behind it."""
    node, _, number = name.rpartition(":")
    return node, int(number) if number.isdecimal() else 0


def in_line(text: str) -> str:
    """Return a text of several lines as one line, without its tabs."""
    return " ".join(text.split())


def plain(name: str | None) -> str:
    """Return the name of a type as a word: `full_extract` is `full extract`."""
    return (name or "").replace("_", " ")


@dataclass(frozen=True)
class Part:
    """A piece of a sentence: plain, strong, or a link to the page at `path`."""

    text: str
    is_strong: bool = False
    path: str | None = None


Sentence = tuple[Part, ...]


def said(text: str, /, **facts: Part | str) -> Sentence:
    """Return a sentence whose names in curly brackets are facts: a part of its own, or a text."""
    parts: list[Part] = []
    for before, name, _, _ in Formatter().parse(text):
        fact = facts[name] if name else ""
        parts += [Part(before), fact if isinstance(fact, Part) else Part(fact)]
    return tuple(part for part in parts if part.text)


def strong(text: str | None) -> Part:
    """Return a piece of a sentence that counts."""
    return Part(text or "", is_strong=True)


@dataclass(frozen=True)
class Overview:
    """What the first page is about. Jobs are counted to 10,001.

    `looked_at`: how many of those that wait were asked for their reason, `startable`: how many of
    them nothing keeps from starting but what is before them.
    """

    nodes: int
    backgrounders: int
    busy: int
    waiting: int
    looked_at: int
    startable: int
    ended: int
    failed: int

    @property
    def idle(self) -> int:
        """Return how many backgrounders have nothing to do."""
        return self.backgrounders - self.busy


def headline(facts: Overview) -> str:
    """Return the state of it all in one line."""
    waiting = "nothing waits"
    if facts.waiting:
        waiting = f"{counted(facts.waiting, 'job')} {'waits' if facts.waiting == 1 else 'wait'}"
    if not facts.nodes:
        return f"No node has been up yet, {waiting}"
    if not facts.backgrounders:
        return f"No backgrounder is up, {waiting}"
    if facts.busy:
        return f"{facts.busy:,} of {counted(facts.backgrounders, 'backgrounder')} busy, {waiting}"
    if facts.backgrounders == 1:
        return f"The backgrounder is idle, {waiting}"
    return f"All {facts.backgrounders:,} backgrounders are idle, {waiting}"


def lead(facts: Overview) -> Sentence:
    """Return what the headline leaves open: what could start, what is held, how the hour went."""
    return (*_of_the_queue(facts), *said(_of_the_idle(facts)), *said(_of_the_hour(facts)))


def _of_the_queue(facts: Overview) -> Sentence:
    if not facts.waiting:
        return ()
    held = facts.looked_at - facts.startable
    among = "" if facts.looked_at == facts.waiting else f"Of the first {facts.looked_at:,}, "
    if not facts.startable:
        first = f"{among}none can start now" if among else "None can start now"
        return said("{first}: a gate, a budget, a time or a type holds each. ", first=strong(first))
    first = f"{among}{facts.startable:,} {'starts' if facts.startable == 1 else 'start'}"
    first += f" as soon as a backgrounder{who_takes(facts.startable) if facts.idle else ''} is free"
    others = "the other one is" if held == 1 else f"the other {held:,} are"
    held_by = f"; {others} held by a gate, a budget, a time or a type" if held else ""
    return said("{first}{held_by}. ", first=strong(first), held_by=held_by)


def _of_the_idle(facts: Overview) -> str:
    if not (facts.idle and facts.startable):
        return ""
    if facts.idle == 1:
        return "1 backgrounder is idle: it takes other types, or is about to take a job. "
    return (
        f"{facts.idle:,} backgrounders are idle: they take other types, or are about to take one. "
    )


def who_takes(jobs: int) -> str:
    """Return what tells those backgrounders apart that take so many jobs."""
    return f" that takes {'it' if jobs == 1 else 'them'}"


def _of_the_hour(facts: Overview) -> str:
    if not facts.ended:
        return "Nothing ended in the last hour."
    failed = f"{count(facts.failed)} of them failed" if facts.failed else "none failed"
    return f"In the last hour {count(facts.ended)} ended, {failed}."


@dataclass(frozen=True)
class Wait:
    """Why a job waits. `blocker`: the job in the way, if there is one.

    `holder` and `who`: number and title of the run that should end first of those in the way, and
    `until` in words when that is.
    """

    kind: str
    reason: str
    site: str
    type: str
    datasource: str | None = None
    schedule: str | None = None
    blocker: int | None = None
    holder: int | None = None
    who: str | None = None
    until: str | None = None
    needs_person: bool = False


WHY: Mapping[str, str] = {
    "datasource": "It waits because its datasource {datasource} is busy: {blocker} runs.",
    "schedule": "It waits because its serial schedule {schedule} is busy: {blocker} runs.",
    "site limit": "It waits because the site {site} is at its limit: {inside}.",
    "site budget": "It waits because the site {site} has spent its budget: {inside}.",
    "time": "It waits for its time: {reason}.",
    "no node": "It waits because {reason}.",
}
THEN: Mapping[str, str] = {
    "next": "No gate holds it. Each backgrounder that is free takes the best job that may start "
    "and that its node takes.",
    "datasource": "It starts when that job has ended and no better job of that gate waits.",
    "schedule": "It starts when that job has ended and no better job of that gate waits.",
    "site limit": "It starts when one of them ends and no better job of that gate waits.",
    "site budget": "It starts after the refill, or when somebody raises the budget.",
    "time": "Then it goes to its place in the order, and its gates are looked at.",
    "no node": "It starts when a node that takes {type} jobs is up. Only a person can see to that.",
    "paused": "It starts when that pause has ended, from its old place.",
    "closed": "It starts when that closed window is over, from its old place.",
    "held": "It starts when that transaction has ended. Whoever began it has to end it.",
}

FOR_A_PERSON: Mapping[str, str] = {  # where time does not end it
    "site limit": "It starts when somebody raises the limit of the site.",
    "site budget": "It starts when somebody gives the site a budget.",
    "paused": "It starts from its old place when somebody resumes what is paused.",
    "held": "It starts when somebody ends that prepared transaction.",
}
DRAINED = (
    "It starts when a node that takes its type takes jobs again. Only a person can see to that."
)


def why_it_waits(wait: Wait) -> Sentence:
    """Return the answer to the first question: why a job does not run."""
    if wait.kind == "next":
        return said(_next_in_line(wait.reason))
    job = Part(f"job {wait.blocker}", path=f"/job/{wait.blocker}")
    return said(
        WHY.get(wait.kind, "It waits: {reason}."),
        datasource=strong(wait.datasource),
        schedule=strong(wait.schedule),
        site=strong(wait.site),
        blocker=job if wait.blocker else "a job that you may not see",
        reason=wait.reason,
        inside=_inside(wait.reason),
    )


def what_ends_the_wait(wait: Wait) -> Sentence:
    """Return what has to happen before the job starts, and about when if that is known."""
    then = THEN.get(wait.kind, "")
    if wait.needs_person:
        then = FOR_A_PERSON.get(wait.kind, then)
    if is_drained(wait.kind, wait.reason):
        then = DRAINED
    first = said(then, type=strong(plain(wait.type)))
    if wait.until is None or wait.who is None:
        return first
    who = Part(wait.who, path=f"/job/{wait.holder}")
    return (*first, *said(" {until}: {who}.", until=wait.until, who=who))


def is_drained(kind: str, reason: str) -> bool:
    """Tell whether a job is paused as its nodes are drained, and not by a pause that says who."""
    return kind == "paused" and ", by " not in reason and not reason.startswith("paused until")


def _next_in_line(reason: str) -> str:
    ahead = reason.removeprefix("next in line behind ")
    if ahead == "0":
        return "It is next in line: it starts as soon as a backgrounder that takes it is free."
    jobs = "job that could start, too, is" if ahead == "1" else "jobs that could start, too, are"
    return f"It is in line: {ahead} {jobs} before it."


def _inside(reason: str) -> str:
    """Return what a reason has in brackets: `site limit (3 of 3 running)` says `3 of 3 run`."""
    inside = reason.partition("(")[2].removesuffix(")") or reason
    return inside.replace(" running", " run").replace("refill ", "it is refilled at ")


def expected_end(
    started_at: datetime, usual_seconds: float | None, zone: str, now: datetime
) -> tuple[str, bool]:
    """Return when a run should end, in words, and whether it is over its usual time by now."""
    if usual_seconds is None:
        return "its usual time is not known", False
    ends_at = started_at + timedelta(seconds=usual_seconds)
    if ends_at > now:
        return f"about {clock(ends_at, zone, now)}", False
    return f"{span(now - ends_at)} over its usual time", True


def is_over(runs_for: timedelta | None, usually_for: timedelta | None) -> bool:
    """Tell whether a run takes notably longer than usual."""
    return (
        runs_for is not None and bool(usually_for) and runs_for > (usually_for or runs_for) * OVER
    )


def end_of_run(
    started_at: datetime, usual_seconds: float | None, zone: str, now: datetime
) -> dict[str, str | bool]:
    """Return when a run should end, in words, and whether that `is_late` by notably much."""
    end, _ = expected_end(started_at, usual_seconds, zone, now)
    is_late = is_over(now - started_at, timedelta(seconds=usual_seconds or 0))
    return {"end": end, "is_late": is_late}


def how_it_runs(
    backgrounder: str, runs_for: timedelta, usual_seconds: float | None, end: str, *, is_late: bool
) -> Sentence:
    """Return where a job runs, for how long, and when it should end."""
    then = f" and should end at {end}."
    if usual_seconds is None:
        then = "; how long its task usually takes is not known."
    elif is_late:
        then = f": {end}."
    where = strong(backgrounder)
    return said(
        "It runs on {where} for {length}{then}", where=where, length=span(runs_for), then=then
    )


def started(schedule: str, row: Mapping[str, Any]) -> tuple[str, str | None]:
    """Return what became of the start of a schedule by hand, and why of what was passed over.

    `row`: how many `jobs` were queued, how many `passed_over`, and the first `reasons` for that.
    """
    jobs, passed = row["jobs"], row["passed_over"]
    if not jobs and not passed:
        return f"schedule {schedule} has nothing to run: no task of it is enabled", None
    said = f"nothing of schedule {schedule} was started"
    if jobs:
        said = f"{counted(jobs, 'job')} queued" + (f", {passed:,} passed over" if passed else "")
    reasons = row["reasons"] or []
    more = [f"and {passed - len(reasons):,} more"] if passed > len(reasons) else []
    return said, "; ".join([*reasons, *more]) or None


FAILED_AS: Mapping[str | None, str] = {
    "timed out": " as it ran for too long",
    "lost": " as its node was lost",
    "killed": " as its process died",
}


def how_it_ended(job: Mapping[str, Any]) -> Sentence:
    """Return how a job ended that never started, or started at once."""
    how = f"{job['outcome']}{FAILED_AS.get(job['failed_as'], '')}"
    if job["outcome"] == "cancelled":
        whom = f" by {job['cancelled_by']}" if job["cancelled_by"] else ""
        how = f"was cancelled{whom}"
    if job["started_at"] is None:
        return said("It {how} while it waited.", how=how)
    return said("It started at once, and {how}.", how=how)


def who_went_first(better: int, worse: int, *, is_least: bool) -> Sentence:
    """Return how many jobs started while another waited, before and behind it in the order."""
    least = "at least " if is_least else ""
    before = f"{least}{counted(better, 'job')} that came before it in the order"
    behind = f"{least}{counted(worse, 'job')} that came behind it"
    text = "No other job started while it waited."
    if better and worse:
        text = (
            f"{before} started while it waited, and {behind}, which could start when it could not."
        )
    elif better:
        text = f"{before} started while it waited."
    elif worse:
        text = f"{behind} started while it waited, as they could start when it could not."
    return said("{text}", text=text[0].upper() + text[1:])


@dataclass(frozen=True)
class Held:
    """A stretch of a wait that is explained: what held the job, from when to when, by which job."""

    cause: str
    from_at: datetime
    to_at: datetime
    job: int | None = None
    title: str | None = None

    @property
    def length(self) -> timedelta:
        """Return how long it was."""
        return self.to_at - self.from_at


CAUSES: Mapping[str, str] = {
    "datasource": "its datasource was busy",
    "schedule": "its serial schedule was busy",
    "site limit": "its site was at its limit",
    "site budget": "the budget of its site was spent",
    "paused": "it was paused",
    "closed": "a window was closed",
    "no node": "no node took its type",
    "no backgrounder": "no backgrounder was free",
    "not taken": "it was not taken, though a backgrounder was free",
    "time": "it was not to start before its time",
    "retry pause": "it waited to be tried again",
    "ran before": "earlier attempts ran",
    "node lost": "its node was lost",
    "claim": "it was being handed out",
    "clock": "it was added late",
}


def sums(stretches: Iterable[Held]) -> dict[str, timedelta]:
    """Return how long each cause held a job."""
    found: dict[str, timedelta] = {}
    for stretch in stretches:
        found[stretch.cause] = found.get(stretch.cause, timedelta()) + stretch.length
    return found


def why_it_was_late(
    waited: timedelta, stretches: Iterable[Held], *, is_scheduled: bool
) -> Sentence:
    """Return how late a job started, and what most of that was."""
    how = f"It started {span(waited)} late" if is_scheduled else f"It waited {span(waited)}"
    held = sums(stretches)
    if not held:
        return said("{how}.", how=how)
    cause, most = max(held.items(), key=lambda item: item[1])
    part = "most of it" if most * 2 >= waited else f"{span(most)} of it"
    return said("{how}, {part} because {why}.", how=how, part=part, why=CAUSES[cause])
