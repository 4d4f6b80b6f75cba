"""What a supervisor tells the database, and when again."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

from pgdispatch.database import statements
from pgdispatch.node.options import SupervisorOptions
from pgdispatch.node.sd_notify import Notifier
from pgdispatch.node.supervisor import Supervisor


def test_who_falls_idle_during_a_heartbeat_that_says_busy_is_told_anew() -> None:
    """Else the database would not announce what comes until the next one."""

    async def go() -> bool:
        options = SupervisorOptions(dsn="", node="n")
        with socket.socket() as listener:
            subject = Supervisor(options, listener=listener, notifier=Notifier())
        subject.is_idle_told = True

        async def call(statement: str, *values: Any) -> list[tuple[int, int]]:
            if statement == statements.HEARTBEAT:
                assert values[-1] is False
                subject.turns.on_idle()
            return [(0, 0)] if statement == statements.HEARTBEAT else []

        subject.session.call = call  # type: ignore[method-assign]
        await subject._obey()
        return subject.beat_now.is_set()

    assert asyncio.run(go())
