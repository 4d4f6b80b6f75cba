"""A process that has ended is left alone."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest

from pgdispatch.ipc.statuses import CUT_OFF
from pgdispatch.node.child import Child, describe


def test_nothing_is_killed_once_a_process_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it left behind is, at once; later its number may be somebody else's."""
    kills: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "killpg", lambda pid, number: kills.append((pid, number)))
    child = Child("keyword", (print,))

    status = asyncio.run(child.run(lambda: None))
    child.kill_group()

    assert status == 0
    assert child.process is not None
    assert kills == [(child.process.pid, signal.SIGKILL)]


def test_statuses_of_a_backgrounders_own_are_told_in_words() -> None:
    """Any other as it is."""
    assert describe(CUT_OFF).startswith("lost its channel")
    assert describe(3) == "exited with status 3"
    assert describe(-9) == "was killed by signal 9 (SIGKILL)"
