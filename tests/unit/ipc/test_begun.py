"""What a backgrounder notes of its last attempt, its supervisor reads, whatever happens to it."""

from __future__ import annotations

import os
import signal

import pytest

from pgdispatch.ipc.begun import BegunPage, new_file


def test_nothing_has_begun_at_first() -> None:
    """No job has the number nought."""
    with new_file() as file:
        page = BegunPage(file.fileno(), is_reader=True)

    assert (page.attempt(), page.start()) == ((0, 0), (0, 0))


def test_a_reader_sees_what_began_last() -> None:
    """Numbers of jobs, and bytes, may be large."""
    with new_file() as file:
        writer, reader = BegunPage(file.fileno()), BegunPage(file.fileno(), is_reader=True)
    writer.note((1, 1))

    writer.note((2**40, 3), (2**41, 7))

    assert (reader.attempt(), reader.start()) == ((2**40, 3), (2**41, 7))


def test_what_a_killed_process_noted_is_still_there() -> None:
    """That is what the page is for."""
    with new_file() as file:
        reader = BegunPage(file.fileno(), is_reader=True)
        pid = os.fork()
        if pid == 0:
            BegunPage(file.fileno()).note((7, 2))
            os.kill(os.getpid(), signal.SIGKILL)
        os.waitpid(pid, 0)

    assert reader.attempt() == (7, 2)


def test_a_reader_cannot_write() -> None:
    """The page is the backgrounder's."""
    with new_file() as file:
        reader = BegunPage(file.fileno(), is_reader=True)

    with pytest.raises(TypeError):
        reader.note((1, 1))
