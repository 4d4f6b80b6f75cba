"""Whether a process is still there, which another one that has its place has to find out."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from pgdispatch.host import identity, procfs

pytestmark = pytest.mark.skipif(not procfs.HAS_PROC, reason="there is no /proc")
WAIT = [sys.executable, "-c", "import sys; print(flush=True); sys.stdin.read()"]


def identity_of(pid: int) -> str:
    """Return that of another process of this place."""
    seen = procfs.look_at(pid)
    assert seen is not None
    return f"{identity.place()}|{pid}|{seen.began}"


@pytest.fixture
def child() -> subprocess.Popen[bytes]:
    """Give a process that ends when its input does."""
    return subprocess.Popen(WAIT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def test_a_process_that_is_there_is_not_gone(child: subprocess.Popen[bytes]) -> None:
    """Nor is one that is stopped."""
    whole = identity_of(child.pid)
    assert not identity.is_gone(whole)

    child.send_signal(signal.SIGSTOP)
    os.waitid(os.P_PID, child.pid, os.WSTOPPED)

    assert not identity.is_gone(whole)
    child.kill()
    child.communicate()


def test_a_process_that_has_ended_is_gone(child: subprocess.Popen[bytes]) -> None:
    """Whether its parent has waited for it or not."""
    whole = identity_of(child.pid)
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)

    assert identity.is_gone(whole)
    child.communicate()
    assert identity.is_gone(whole)


def test_a_process_that_has_the_number_of_another_is_not_that_one() -> None:
    """Numbers are given out anew."""
    where, pid, began = str(identity.own_identity()).rsplit("|", 2)

    assert identity.is_gone(f"{where}|{pid}|{int(began) - 1}")


@pytest.mark.parametrize("part", [0, 1, 2, 3], ids=["boot", "processes", "times", "host"])
def test_nothing_is_known_of_a_process_of_another_place(
    part: int, child: subprocess.Popen[bytes]
) -> None:
    """It counts as alive."""
    whole = identity_of(child.pid)
    child.kill()
    child.communicate()
    words = whole.split("|")
    words[part] += "x"

    assert identity.is_gone(whole)
    assert not identity.is_gone("|".join(words))
