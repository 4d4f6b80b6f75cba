"""Run one attempt with its handler and say how it ended."""

from __future__ import annotations

import inspect
import json
import os
import traceback
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from pgdispatch.backgrounder import trace_context
from pgdispatch.backgrounder.forked import leave_if_forked
from pgdispatch.backgrounder.result_form import to_json
from pgdispatch.errors import PgdispatchError
from pgdispatch.handler import Context, Handlers, StoppedError
from pgdispatch.outcome import Fail, Outcome, Retry, Snooze

ABOVE_HANDLERS = (__name__, "asyncio.")  # whose frames come before those of a handler


@dataclass(frozen=True)
class Ending:
    """How an attempt ended: `succeeded` with a result, `failed`, `stopped` or `snoozed`.

    `text` is the result as it is kept, in JSON.

    `error` begins with the kind of the failure and a colon. `again_after`: the seconds that the
    handler wants to pass before the next attempt. `is_final`: it wants none. `exits` tells that it
    tried to end the process, which is then replaced.
    """

    outcome: str
    text: str | None = None
    error: str | None = None
    exits: bool = False
    again_after: float | None = None
    is_final: bool = False

    @property
    def result(self) -> Mapping[str, Any] | None:
        """What a job that reads the kept result gets; None: there is none."""
        return None if self.text is None else json.loads(self.text)


def run(context: Context, handlers: Handlers) -> Ending:
    """Call the handler of the job's type; nothing that it raises gets out of here.

    A handler that raises after it was asked to stop has stopped; one that returns has succeeded.
    A process that the handler has forked, and that comes out of it as well, ends here.
    """
    owner = os.getpid()
    handler = handlers.get(context.job.type)
    if handler is None:
        return Ending("failed", error=f"this node has no handler for {context.job.type}")
    if isinstance(context.job.args, str):  # see read_json
        return Ending("failed", error="args cannot be read: nested too deep, or a number too long")
    token = trace_context.enter(context.job.traceparent)
    try:
        result = handler(context)
        leave_if_forked(owner)
        if inspect.isawaitable(result):
            import asyncio  # noqa: PLC0415  # half as much memory again, for those who need it

            result = asyncio.run(_wait_for(result, context, owner))
        elif inspect.isgenerator(result) or inspect.isasyncgen(result):
            raise TypeError("the handler has returned a generator, which nothing runs")
    except BaseException as error:  # whatever it is, the job has to end
        leave_if_forked(owner, error)
        return _failure(context, error, _handlers_part(error.__traceback__))
    finally:
        trace_context.leave(token)
    return Ending("succeeded", text=to_json(result, context.log))


def _failure(context: Context, error: BaseException, where: TracebackType | None) -> Ending:
    """Return how an attempt ends by an error, and log what helps to find it: `where` it was.

    What a handler of this package refuses is said by its text, as is the end of a program or a
    procedure: our frames would tell nobody anything.
    """
    if isinstance(error, SystemExit):
        return Ending("failed", error=f"the handler exited with status {error.code}", exits=True)
    if isinstance(error, Outcome):
        return _said(context, error, where)
    exits = not isinstance(error, Exception) and type(error).__name__ != "CancelledError"
    is_said = isinstance(error, PgdispatchError) and _is_ours(where)
    text = str(error) if is_said else describe(error)
    if context._reason is not None:
        return Ending("stopped", error=text, exits=exits)
    if isinstance(error, PgdispatchError) and is_said:
        for name in ("detail", "hint"):
            if getattr(error, name):
                context.log(f"{name}: {getattr(error, name)}")
    elif where is not None:
        context.log("".join(traceback.format_exception(type(error), error, where)))
    return Ending("failed", error=text, exits=exits)


def _said(context: Context, error: Outcome, where: TracebackType | None) -> Ending:
    """Return how an attempt ends by what its handler says, be it asked to stop or not."""
    text = describe(error)
    if isinstance(error, Snooze):
        return Ending("snoozed", error=text, again_after=error.after)
    if where is not None and not _is_ours(where):
        context.log("".join(traceback.format_exception(type(error), error, where)))
    after = error.after if isinstance(error, Retry) else None
    return Ending("failed", error=text, again_after=after, is_final=isinstance(error, Fail))


def _handlers_part(where: TracebackType | None) -> TracebackType | None:
    """Return a traceback from where the handler begins; None if it does not get there."""
    while where is not None and _module(where).startswith(ABOVE_HANDLERS):
        where = where.tb_next
    return where


def _is_ours(where: TracebackType | None) -> bool:
    return where is not None and _module(where).startswith("pgdispatch.")


def _module(where: TracebackType) -> str:
    return str(where.tb_frame.f_globals.get("__name__", ""))


def describe(error: BaseException) -> str:
    """Return an error in one piece of text: its kind, else its type, and what it says."""
    try:
        text = str(error)
    except Exception:  # its __str__ is the handler's code too
        text = "its text could not be made"
    kind = error.kind if isinstance(error, Outcome) else type(error).__name__
    return f"{kind}: {text}" if text else kind


async def _wait_for(result: Any, context: Context, owner: int) -> Any:
    """Wait for a coroutine, which is cancelled when it should stop.

    A fork of it must not get at the loop, whose insides it shares.
    """
    import asyncio  # noqa: PLC0415  # as above

    loop, task = asyncio.get_running_loop(), asyncio.current_task()

    def cancel() -> None:
        with suppress(RuntimeError):  # the loop has just ended
            if task is not None:
                loop.call_soon_threadsafe(task.cancel)

    context._on_stop(cancel)
    try:
        value = await result
    except asyncio.CancelledError as error:
        leave_if_forked(owner, error)
        if context._reason is None:
            raise
        raise StoppedError(context._reason) from None
    except BaseException as error:
        leave_if_forked(owner, error)
        raise
    leave_if_forked(owner)
    return value
