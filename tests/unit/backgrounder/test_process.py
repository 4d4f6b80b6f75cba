"""When a backgrounder that is told to ask again does so at once, and when it pauses first."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pytest

from pgdispatch.backgrounder.connection import Connection
from pgdispatch.backgrounder.process import PATIENCE, Backgrounder
from pgdispatch.backgrounder.verbs import AGAIN, NOTHING, Verdict
from pgdispatch.handler import Handlers, Job
from pgdispatch.ipc.channel import Channel
from pgdispatch.ipc.logbook import Logbook, new_file
from pgdispatch.testing import context

RUN = Verdict(job=context("system").job, again=False)


class Draining(threading.Event):
    """Count the pauses instead of waiting."""

    pauses = 0

    def wait(self, _: float | None = None) -> bool:
        """Return at once."""
        self.pauses += 1
        return self.is_set()


@dataclass
class Scripted(Backgrounder):
    """Get these verdicts one after another, whether by a claim or a finish, then drain."""

    script: Iterator[Verdict] = field(default_factory=lambda: iter(()))

    def claim(self) -> Verdict:
        """Return the next verdict of the script."""
        verdict = next(self.script, None)
        if verdict is None:
            self.draining.set()
            self.woken.set()
            return NOTHING
        return verdict

    def run(self, _: Job) -> Verdict:
        """Do nothing with the job."""
        return self.claim()


@pytest.fixture
def channel() -> Iterator[Channel]:
    """Give a channel whose other end reads nothing."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield Channel(ours)


def pauses(script: Sequence[Verdict], channel: Channel) -> int:
    """Return how often a backgrounder pauses that is told all this."""
    draining, woken = Draining(), threading.Event()
    woken.set()
    with new_file() as file:
        Scripted(
            name="n:1",
            types=["system"],
            handlers=Handlers(),
            channel=channel,
            logbook=Logbook(file.fileno()),
            connection=Connection("", name="n:1"),
            draining=draining,
            woken=woken,
            script=iter(script),
        ).serve()
    return draining.pauses


def test_it_pauses_after_many_claims_in_vain(channel: Channel) -> None:
    """Whoever holds what it needs gets time to let go."""
    assert pauses([AGAIN] * PATIENCE, channel) == 0
    assert pauses([AGAIN] * (PATIENCE + 2), channel) == 2


def test_it_does_not_pause_as_long_as_jobs_are_parked(channel: Channel) -> None:
    """Thousands that cannot run are out of the way after some claims, each of which was of use."""
    assert pauses([Verdict(job=None, again=True, more=True)] * 3 * PATIENCE, channel) == 0


def test_a_job_between_claims_in_vain_makes_it_patient_anew(channel: Channel) -> None:
    """Under load now and then a claim is in vain: that alone must not slow it down."""
    assert pauses([AGAIN, RUN] * 3 * PATIENCE, channel) == 0
