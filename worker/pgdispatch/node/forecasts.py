"""Has forecasts made, if one is due and no other node is at it: in a process of its own."""

from __future__ import annotations

import asyncio
import json
import logging
from dataclasses import dataclass, field
from typing import Any

from pgdispatch.database import statements
from pgdispatch.database.session import Session
from pgdispatch.ipc.channel import Message
from pgdispatch.node.child import Child, describe

logger = logging.getLogger("pgdispatch")

LONGEST = 60.0  # then it is killed; after two minutes another node would take over
MODULE = "pgdispatch.forecast"


@dataclass
class Forecasts:
    """What a supervisor does for forecasts: ask whether one is due, start a process, wait.

    `said`: the last thing that the process said; `problem`: the last one that was logged.
    """

    node: str
    dsn: str
    session: Session
    child: Child | None = None
    is_ending: bool = False
    said: Message = field(default_factory=dict)
    problem: str | None = None

    async def look(self) -> None:
        """Make a forecast if one is due; return when the process has ended."""
        if self.is_ending:
            return
        for row in await self.session.call(statements.BEGIN_FORECAST, self.node):
            problem = await self._make(dict(row))
            if problem is not None:
                self._tell(problem)
                await self.session.call(statements.END_FORECAST, row["number"], problem)
            else:
                self.problem = None

    def end(self) -> None:
        """End the process that makes one, and begin none any more."""
        self.is_ending = True
        if self.child is not None:
            self.child.kill_group()

    async def _make(self, order: dict[str, Any]) -> str | None:
        """Run the process to its end; return why it came to nothing, None if it did not."""
        order["calibration"] = json.loads(order["calibration"])
        self.said = {}
        self.child = child = Child(MODULE, (lambda message, _: self._hear(message),))
        try:
            async with asyncio.timeout(LONGEST):
                status = await child.run(lambda: self._begin(child, order))
        except TimeoutError:
            return f"it was not done after {LONGEST:.0f} s, and was killed"
        except OSError as error:
            return f"cannot start: {error}"
        finally:
            self.child = None
        if self.said.get("is") == "made":
            return None
        if self.is_ending:
            return "the node stops"
        return str(self.said.get("problem") or f"the process {describe(status)}")

    def _begin(self, child: Child, order: dict[str, Any]) -> None:
        child.begin(node=self.node, dsn=self.dsn, order=order)
        if self.is_ending:  # it was told so before there was anybody to end
            child.kill_group()

    def _hear(self, message: Message) -> None:
        self.said = message

    def _tell(self, problem: str) -> None:
        if problem != self.problem and not self.is_ending:
            logger.warning("%s: no forecast was made: %s", self.node, problem)
        self.problem = problem
