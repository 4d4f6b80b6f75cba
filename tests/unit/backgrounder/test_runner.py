"""How an attempt ends, from what its handler does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pgdispatch.backgrounder import result_form
from pgdispatch.backgrounder.program_handler import program
from pgdispatch.backgrounder.runner import Ending, run
from pgdispatch.errors import InvalidInputError
from pgdispatch.handler import Context, Handlers
from pgdispatch.handlers import build, load_catalogue
from pgdispatch.testing import RecordingContext, context

TRACEBACK = "Traceback (most recent call last):"


class WordlessError(Exception):
    """An error that cannot even say what it is."""

    def __str__(self) -> str:
        raise RuntimeError


def ending(handler: Any, subject: RecordingContext | None = None) -> Ending:
    """Run a handler for a system job."""
    handlers = Handlers()
    handlers.add("system", handler)
    return run(subject or context("system"), handlers)


def raising(error: BaseException) -> Any:
    """Return a handler that raises."""

    def handler(_: Context) -> None:
        raise error

    return handler


def test_a_handler_that_returns_has_succeeded() -> None:
    """With its result, or none."""
    assert ending(lambda _: {"rows": 3}) == Ending("succeeded", text='{"rows": 3}')
    assert ending(lambda _: None) == Ending("succeeded")


def test_a_coroutine_is_run_to_its_end() -> None:
    """Handlers may be async."""

    async def handler(subject: Context) -> Mapping[str, Any]:
        await asyncio.sleep(0)
        return {"type": subject.job.type}

    assert ending(handler) == Ending("succeeded", text='{"type": "system"}')


def test_a_job_of_another_type_fails() -> None:
    """The node cannot know what to do."""
    told = run(context("flow"), Handlers())

    assert told == Ending("failed", error="this node has no handler for flow")


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ValueError("no rows"), "ValueError: no rows"),
        (KeyError(), "KeyError"),
        (WordlessError(), "WordlessError: its text could not be made"),
    ],
)
def test_a_handler_that_raises_has_failed_and_its_traceback_is_logged(
    error: Exception, text: str
) -> None:
    """Whatever the error can say of itself."""
    subject = context("system")

    assert ending(raising(error), subject) == Ending("failed", error=text)
    assert TRACEBACK in subject.lines


def test_a_traceback_begins_with_the_handler() -> None:
    """What called it says nothing; a coroutine's loop neither."""

    async def later(_: Context) -> None:
        raise ValueError("no rows")

    for handler in (raising(ValueError("no rows")), later):
        subject = context("system")
        ending(handler, subject)

        lines = subject.lines
        assert lines[0] == TRACEBACK
        assert lines[-1] == "ValueError: no rows"
        files = {line.partition(",")[0].strip() for line in lines if line.startswith("  File ")}
        assert files == {f'File "{__file__}"'}


def test_a_program_that_fails_is_told_by_its_own_words() -> None:
    """No type of error of ours, no traceback."""
    subject = context("system")

    told = ending(program(["sh", "-c", "echo rows: 3; echo no disk >&2; exit 4"]), subject)

    assert told == Ending("failed", error="the program exited with status 4: no disk")
    assert subject.lines == ["rows: 3", "no disk"]


def test_what_a_handler_of_ours_refuses_is_told_with_its_hint(tmp_path: Path) -> None:
    """Here a definition that is in no catalogue."""
    path = tmp_path / "catalogue.toml"
    path.write_text('[storage]\nfolder = "extracts"\n')
    subject = context("flow", args={"definition": "nothing"})
    handlers = build(load_catalogue(path))

    told = run(subject, handlers)

    assert told.error is not None
    assert not told.error.startswith("NotFoundError")
    assert TRACEBACK not in subject.lines
    assert any(line.startswith("hint: ") for line in subject.lines)


def test_what_a_handler_of_others_is_refused_has_its_traceback() -> None:
    """They may well use this package; the error says where."""
    subject = context("system")

    told = ending(raising(InvalidInputError("priority 0 is not between 1 and 100")), subject)

    assert told.error == "InvalidInputError: priority 0 is not between 1 and 100"
    assert TRACEBACK in subject.lines


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (SystemExit(3), "the handler exited with status 3"),
        (KeyboardInterrupt(), "KeyboardInterrupt"),
    ],
)
def test_a_handler_that_would_end_the_process_has_failed_and_the_process_ends(
    error: BaseException, text: str
) -> None:
    """After the job's end is reported."""
    assert ending(raising(error)) == Ending("failed", error=text, exits=True)


def test_a_handler_that_raises_after_it_was_asked_to_stop_has_stopped() -> None:
    """Whatever it raises."""
    subject = context("system")
    subject.request_stop("cancelled")

    assert ending(Context.check_stop, subject) == Ending(
        "stopped", error="StoppedError: stopped: cancelled"
    )


def test_a_handler_that_returns_after_it_was_asked_to_stop_has_succeeded() -> None:
    """It was done already."""
    subject = context("system")
    subject.request_stop("cancelled")

    assert ending(lambda _: {"rows": 1}, subject) == Ending("succeeded", text='{"rows": 1}')


@pytest.mark.parametrize(
    "result",
    [{"made": object()}, {"text": "a\0b"}, {"a\0b": 1}, {"text": "\\\0"}, {"text": "\udce9"}],
)
def test_a_result_that_cannot_be_kept_fails_no_job(result: Any) -> None:
    """The work is done; the log says what is missing."""
    subject = context("system")

    told = ending(lambda _: result, subject)

    assert (told.outcome, told.error) == ("succeeded", None)
    assert told.result is not None
    assert len(subject.lines) == 1


def test_a_result_is_what_json_makes_of_it() -> None:
    """Tuples are lists, keys are texts; a backslash before u0000 is no NUL."""
    told = ending(lambda _: {1: (2, None), "text": r"\u0000", "é": "€"})

    assert told.result == {"1": [2, None], "text": r"\u0000", "é": "€"}


def test_a_result_larger_than_jsonb_holds_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server would hang up on it, as if it were away."""
    monkeypatch.setattr(result_form, "LARGEST", 1 << 20)
    subject = context("system")

    told = ending(lambda _: {"text": "x" * (1 << 20)}, subject)

    why = "it has 1048588 bytes as JSON, and 1 MB may be kept"
    assert told == Ending("succeeded", text=json.dumps({"not_stored": why}))
    assert subject.lines == [f"the result is not stored: {why}"]
