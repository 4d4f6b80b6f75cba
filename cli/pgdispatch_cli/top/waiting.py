"""Blocking calls of the screen, so that it can give them up, and end while one does not return."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

Result = TypeVar("Result")


async def answered(call: Callable[[], Result], *, within: float) -> Result:
    """Return what `call` returns, made in a thread of its own, which nobody waits for at the end.

    Raises what it raises, or TimeoutError after `within` seconds; the call goes on then.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Result] = loop.create_future()

    def settle(setter: Callable[[Any], None], value: Any) -> None:
        if not future.done():
            setter(value)

    def run() -> None:
        try:
            outcome: tuple[Callable[[Any], None], Any] = (future.set_result, call())
        except BaseException as error:  # whoever awaits it gets it
            outcome = (future.set_exception, error)
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(settle, *outcome)

    threading.Thread(target=run, daemon=True).start()
    async with asyncio.timeout(within):
        return await future
