"""What the environment of a process of ours holds before the rest of it has come."""

from __future__ import annotations

from pgdispatch.ipc.secrecy import for_programs, for_starting

ENVIRONMENT = {
    "PATH": "/usr/bin",
    "LC_ALL": "C.UTF-8",
    "LD_PRELOAD": "libfaketime.so.1",
    "FAKETIME": "+1h",
    "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    "MALLOC_CONF": "background_thread:true",
    "WAREHOUSE_PASSWORD": "secret",
}


def test_a_library_that_is_preloaded_finds_its_variables() -> None:
    """They are read before the rest of the environment has come."""
    early = for_starting(ENVIRONMENT)

    assert set(ENVIRONMENT) - set(early) == {"WAREHOUSE_PASSWORD"}


def test_programs_see_next_to_nothing() -> None:
    """Only what is no secret to anybody."""
    assert set(for_programs(ENVIRONMENT)) == {"PATH", "LC_ALL"}
