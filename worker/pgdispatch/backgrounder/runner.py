"""Run one attempt with its handler and say how it ended."""

from __future__ import annotations

import inspect
import json
import os
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from pgdispatch.backgrounder import trace_context
from pgdispatch.backgrounder.forked import leave_if_forked
from pgdispatch.database.json_text import write_json
from pgdispatch.errors import PgdispatchError
from pgdispatch.handler import Context, Handlers

ABOVE_HANDLERS = (__name__, "asyncio.")  # whose frames come before those of a handler
LARGEST_RESULT = 255 << 20  # jsonb holds no more; of a longer message the server hears nothing


@dataclass(frozen=True)
class Ending:
    """How an attempt ended: `succeeded` with a result, `failed` with an error, or `stopped`.

    `exits` tells that the handler tried to end the process, which is then replaced.
    """

    outcome: str
    result: Mapping[str, Any] | None = None
    error: str | None = None
    exits: bool = False


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

            result = asyncio.run(_wait_for(result, owner))
    except BaseException as error:  # whatever it is, the job has to end
        leave_if_forked(owner, error)
        return _failure(context, error, _handlers_part(error.__traceback__))
    finally:
        trace_context.leave(token)
    try:
        return Ending("succeeded", result=_checked(result))
    except Exception as error:
        return _failure(context, error, None)


def _failure(context: Context, error: BaseException, where: TracebackType | None) -> Ending:
    """Return how an attempt ends by an error, and log what helps to find it: `where` it was.

    What a handler of this package refuses is said by its text, as is the end of a program or a
    procedure: our frames would tell nobody anything.
    """
    if isinstance(error, SystemExit):
        return Ending("failed", error=f"the handler exited with status {error.code}", exits=True)
    exits = not isinstance(error, Exception)
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
    """Return an error in one piece of text: its type and what it says."""
    try:
        text = str(error)
    except Exception:  # its __str__ is the handler's code too
        text = "its text could not be made"
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


async def _wait_for(result: Any, owner: int) -> Any:
    """Wait for a coroutine; a fork of it must not get at the loop, whose insides it shares."""
    try:
        value = await result
    except BaseException as error:
        leave_if_forked(owner, error)
        raise
    leave_if_forked(owner)
    return value


def _checked(result: Any) -> Mapping[str, Any] | None:
    if result is None:
        return None
    if not isinstance(result, Mapping):
        raise TypeError(f"a handler returns None or a mapping, not {type(result).__name__}")
    text = write_json(dict(result))
    if len(text) > LARGEST_RESULT:
        raise ValueError(
            f"a result may have {LARGEST_RESULT >> 20} MB as JSON, not {len(text)} bytes"
        )
    kept: Mapping[str, Any] = json.loads(text)
    return kept
