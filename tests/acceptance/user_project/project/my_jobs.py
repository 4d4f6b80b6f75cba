"""Handlers as an application has them: a function, a coroutine, and one added by hand."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pgdispatch import Context, Fail, Handlers, Job, Retry, Snooze

handlers = Handlers()


@dataclass
class Figures:
    """What an extract has found."""

    month: date
    total: Decimal


def table_of(job: Job) -> str:
    """Return the table that a job is about."""
    table = job.args.get("table")
    if not isinstance(table, str):
        raise Fail("it names no table", kind="wrong arguments")
    return table


@handlers.register("full_extract")
def refresh(context: Context) -> Figures:
    """Build an extract anew."""
    context.log(f"reading {table_of(context.job)}")
    for part in range(2):
        context.check_stop()
        context.progress(50 * part, f"part {part}")
        context.wait(0.1)
    if context.draining:
        raise Snooze("the node drains", after=10)
    return Figures(date(2030, 1, 1), Decimal("12.50"))


@handlers.register("alert")
async def watch(context: Context) -> dict[str, int]:
    """Look whether a figure is out of bounds."""
    await asyncio.sleep(0)
    if context.job.attempt < 2:
        raise Retry("too many requests", after=30, kind="rate limited")
    return {"rows": 7}


def tidy(context: Context) -> None:
    """Do what nobody waits for."""
    context.log(context.stop_requested or "goes on")


handlers.add("system", tidy)


def total(context: Context) -> Decimal:
    """Call a handler as the function that it is: registering has not changed its type."""
    return refresh(context).total


async def rows(context: Context) -> int:
    """Call a coroutine likewise."""
    return (await watch(context))["rows"]
