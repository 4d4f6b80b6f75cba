"""A command line without its connection string, and what counts as a password in one."""

from __future__ import annotations

import re

import pytest

from pgdispatch_cli.concealing import CARRIER, TO_HIDE, Split, reveal, split


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ("queue", Split(["queue"], None)),
        ("--dsn a queue --json", Split(["queue", "--json"], "a")),
        ("--dsn a queue --dsn=b", Split(["queue"], "b")),
        ("queue --dsn", Split(["queue", "--dsn"], None)),
        ("setting set -- --dsn a", Split(["setting", "set", "--", "--dsn", "a"], None)),
        ("--dsn -- queue", Split(["queue"], "--")),
    ],
)
def test_the_option_is_taken_out_wherever_it_stands(arguments: str, found: Split) -> None:
    """The last one counts, as it does for the command itself."""
    assert split(arguments.split()) == found


@pytest.mark.parametrize(
    ("dsn", "has_secret"),
    [
        ("host=db dbname=etl user=anna", False),
        ("postgresql://anna@db:5432/etl", False),
        ("postgresql://db:5432/etl", False),
        ("postgresql://anna:open@db/etl", True),
        ("postgresql://db/etl?user=anna&password=open", True),
        ("host=db PASSWORD = 'open sesame'", True),
        ("host=db sslpassword=open", True),
        ("host=db oauth_client_secret=open", True),
    ],
)
def test_a_password_is_seen_in_every_form_that_libpq_reads(dsn: str, has_secret: bool) -> None:
    """One too many starts the command anew for nothing, one too few would show it."""
    assert bool(re.search(TO_HIDE, dsn)) == has_secret


def test_what_was_concealed_comes_back_and_is_not_handed_on() -> None:
    """The command sees it as if it had been given; what it starts does not."""
    arguments, environment = ["pgdispatch", "queue"], {CARRIER: "host=db", "HOME": "/"}

    reveal(arguments, environment)

    assert arguments == ["pgdispatch", "--dsn", "host=db", "queue"]
    assert environment == {"HOME": "/"}
