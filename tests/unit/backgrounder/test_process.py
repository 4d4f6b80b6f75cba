"""What a backgrounder makes of what comes over its two channels, and what it says itself."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from pgdispatch.backgrounder.process import Backgrounder
from pgdispatch.handler import Context, Handlers
from pgdispatch.ipc.begun import BegunPage, new_file
from pgdispatch.ipc.channel import Channel, Message, encode
from pgdispatch.outcome import Fail, Retry, Snooze

JOB = dict.fromkeys(("title", "datasource", "schedule", "task", "scheduled_at"))
JOB |= {"job": 7, "attempt": 2, "type": "system", "site": "default", "priority": 50}
JOB |= {"created_by": "tests"}
STOP = {"is": "stop", "attempt": [7, 2], "reason": "cancelled"}


@dataclass
class Stage:
    """A backgrounder, the supervisor's end of its channel for jobs, and its page."""

    backgrounder: Backgrounder
    supervisor: Channel
    far: socket.socket
    page: BegunPage

    def serve(self, *messages: bytes) -> list[Message]:
        """Return what it answers to these, until it has no more to do."""
        for message in messages:
            self.far.sendall(message)
        self.far.shutdown(socket.SHUT_WR)
        self.backgrounder.serve()
        self.backgrounder.jobs.close()
        return list(self.supervisor.messages())


@pytest.fixture
def stage() -> Iterator[Stage]:
    """Give a stage."""
    pairs = [socket.socketpair() for _ in range(2)]
    with new_file() as file:
        page, reader = BegunPage(file.fileno()), BegunPage(file.fileno(), is_reader=True)
    handlers = Handlers()
    control, jobs = (Channel(ours) for ours, _ in pairs)
    backgrounder = Backgrounder("n:1", ["system"], handlers, control, jobs, page)
    yield Stage(backgrounder, Channel(pairs[1][1]), pairs[1][1], reader)
    for pair in pairs:
        for end in pair:
            end.close()


def test_it_answers_one_message_after_another_and_ends_when_no_more_come(stage: Stage) -> None:
    """What there is not to say is left out."""
    stage.backgrounder.handlers.add("system", lambda _: None)
    run = encode("run", value=b"{}", **JOB)

    said = stage.serve(encode("ping"), run, encode("ping"))

    end = {"is": "ended", "job": 7, "attempt": 2, "outcome": "succeeded"}
    assert said == [{"is": "pong"}, end, {"is": "pong"}]


def test_an_attempt_has_begun_before_its_arguments_are_read(stage: Stage) -> None:
    """Else a job whose arguments end its process would be given back, and run, without end."""
    stage.backgrounder.handlers.add("system", lambda _: None)
    stage.far.sendall(encode("run", value=b"{}", **JOB)[:-1])

    with pytest.raises(ConnectionError):
        stage.serve()

    assert stage.page.attempt() == (7, 2)


def test_a_stop_that_was_faster_than_its_job_stops_it(stage: Stage) -> None:
    """They come over two channels; one for another attempt does nothing."""
    seen: list[str | None] = []
    stage.backgrounder.handlers.add("system", lambda context: seen.append(context.stop_requested))
    stage.backgrounder.stop = STOP

    stage.serve(encode("run", value=b"{}", **JOB), encode("run", value=b"{}", **JOB | {"job": 8}))

    assert seen == ["cancelled", None]


def test_a_stop_reaches_the_attempt_in_hand_only(stage: Stage) -> None:
    """Of one job there may have been another attempt."""
    seen: list[str | None] = []

    def handle(context: Context) -> None:
        for attempt in ([7, 1], [8, 2], [7, 2]):
            stage.backgrounder.ask_to_stop({**STOP, "attempt": attempt})
            seen.append(context.stop_requested)

    stage.backgrounder.handlers.add("system", handle)
    stage.serve(encode("run", value=b"{}", **JOB))

    assert seen == [None, None, "cancelled"]


@pytest.mark.parametrize(
    ("reason", "outcome"),
    [("draining", "given back"), ("timed out", "timed out"), ("cancelled", "error")],
)
def test_how_a_stopped_attempt_ends_depends_on_why(stage: Stage, reason: str, outcome: str) -> None:
    """In the words of the database."""

    def handle(context: Context) -> None:
        context.log("stopping")
        context.check_stop()

    stage.backgrounder.handlers.add("system", handle)
    stage.backgrounder.stop = {**STOP, "reason": reason}

    (said,) = stage.serve(encode("run", value=b"{}", **JOB))

    assert str(said["log"]).endswith("Z stopping")
    facts = {"outcome": outcome, "error": f"StoppedError: stopped: {reason}", "log": said["log"]}
    assert said == {"is": "ended", "job": 7, "attempt": 2, **facts}


def test_a_process_that_is_worn_out_says_so_with_the_end(stage: Stage) -> None:
    """It is not to get another job, which it would not take."""
    stage.backgrounder.handlers.add("system", lambda _: {"rows": 1})
    stage.backgrounder.wear.reason = None
    stage.backgrounder.wear.limits = type(stage.backgrounder.wear.limits)(recycle_jobs=1)
    run = encode("run", value=b"{}", **JOB)
    stage.far.sendall(run)
    stage.backgrounder.serve()

    said = stage.supervisor.receive()

    assert said is not None
    assert (said["leaves"], stage.supervisor.value(said)) == (True, b'{"rows": 1}')


def test_a_process_that_is_to_end_lets_its_handlers_know(stage: Stage) -> None:
    """The one that runs, at once, and one whose job was on its way."""
    seen: list[bool] = []

    def handle(context: Context) -> None:
        seen.append(context.draining)
        stage.backgrounder.drain()
        seen.append(context.draining)

    stage.backgrounder.handlers.add("system", handle)
    stage.serve(encode("run", value=b"{}", **JOB), encode("run", value=b"{}", **JOB))

    assert seen == [False, True, True, True]


def test_a_handler_learns_that_its_node_drains_and_that_it_does_no_more(stage: Stage) -> None:
    """If its attempt is the one meant; the word may come before the job does."""
    seen: list[bool] = []

    def handle(context: Context) -> None:
        seen.append(context.draining)
        for attempt, is_drained in (([7, 2], False), ([8, 2], True), ([7, 2], True)):
            said = {"is": "drained", "attempt": attempt, "is_drained": is_drained}
            stage.backgrounder.note_drained(said)
            seen.append(context.draining)

    stage.backgrounder.handlers.add("system", handle)
    stage.backgrounder.drained = {"is": "drained", "attempt": [7, 2], "is_drained": True}
    stage.serve(encode("run", value=b"{}", **JOB))

    assert seen == [True, False, False, True]


@pytest.mark.parametrize(
    ("error", "outcome", "value"),
    [
        (Fail("x"), "failed", None),
        (Retry("x", after=30), "retry", b"30.0"),
        (Retry("x"), "error", None),
        (Snooze("x", after=60), "snoozed", b"60.0"),
    ],
)
def test_what_a_handler_wants_is_told_in_the_words_of_the_database(
    stage: Stage, error: Exception, outcome: str, value: bytes | None
) -> None:
    """With the delay where a result would be."""

    def handle(_: Context) -> None:
        raise error

    stage.backgrounder.handlers.add("system", handle)
    stage.far.sendall(encode("run", value=b"{}", **JOB))
    stage.far.shutdown(socket.SHUT_WR)
    stage.backgrounder.serve()
    said = stage.supervisor.receive()

    assert said is not None
    assert (said["outcome"], said["error"]) == (outcome, f"{type(error).__name__}: x")
    assert (stage.supervisor.value(said) if "bytes" in said else None) == value
