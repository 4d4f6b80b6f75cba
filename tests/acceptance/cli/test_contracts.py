"""Contracts on the command line: added, looked at, changed, and what is wrong with them said."""

from __future__ import annotations

import pytest

from support.cli.command import run_command
from support.servers.embedded import Connect

pytestmark = pytest.mark.usefixtures("newest_only")

SET_UP = """
insert into pgdispatch.site (name) values ('acme');
insert into pgdispatch.schedule (name, recurrence)
values ('hourly', 'every 1 hour from 00:00 to 23:00');
insert into pgdispatch.task (site, type, title, schedule, datasource)
values ('acme', 'full_extract', 'Sales', 'hourly', 'sales');
"""
ADD = ("contract", "add", "Sales by seven", "--site", "acme", "--datasource", "sales")
TERMS = ("--due", "daily at 07:00", "--since", "7h")


@pytest.fixture
def estate(database: str, connect: Connect) -> str:
    """Give a database with a task that refreshes a datasource each hour."""
    connect(database).execute(SET_UP.encode())
    return database


def test_a_contract_is_added_looked_at_changed_and_deleted(estate: str) -> None:
    """Each as the neighbours do it, for people in 80 columns and for programs; with a reason."""
    added = run_command(estate, *ADD, *TERMS, "--to", "ops", "--warn-chance", "30%", "--json")
    listed = run_command(estate, "contract", "list", "--site", "acme", COLUMNS="80")
    row = run_command(estate, "contract", "list", "--state", "fresh", "--json").rows()[0]
    changed = run_command(
        estate, "contract", "change", "1", "--clear", "due", "--clear", "since",
        *("--max-age", "26h", "--reason", "ticket 12"),
    )  # fmt: skip
    renamed = run_command(estate, "contract", "rename", "1", "Sales", "--yes")
    page = run_command(estate, "contract", "show", "1")
    why = run_command(estate, "changes", "--of", "contract 1", "--json").rows()
    tried = run_command(estate, "contract", "delete", "1")
    deleted = run_command(estate, "contract", "delete", "1", "--yes")

    assert added.rows() == [{"contract": 1}]
    assert max(map(len, listed.out.splitlines())) <= 80
    assert "Sales by" in listed.out
    assert (row["state"], row["warn_chance"], row["target"]) == ("fresh", 0.3, "ops")
    assert (changed.status, renamed.status) == (0, 0)
    for words in (
        "contract 1: Sales",
        "terms",
        "at most 1 day 02:00:00 old",
        "datasource sales",
        "30%",
    ):
        assert words in page.out
    assert [one["reason"] for one in why if one["what"] == "change"] == ["ticket 12"]
    assert "nothing was done" in tried.err
    assert deleted.out == "contract 1 deleted\n"
    assert run_command(estate, "contract", "list").err.startswith("there is no contract")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (ADD, "a contract says by when data have to be there, or how old they may be"),
        ((*ADD, "--due", "daily at 07:00"), "says since when data count"),
        ((*ADD, "--due", "sevenish", "--since", "7h"), "sevenish"),
        ((*ADD, *TERMS, "--time-zone", "Berlin"), "time zone 'Berlin' does not exist"),
        ((*ADD, *TERMS, "--task", "1"), "a contract is about one thing"),
        ((*ADD, *TERMS, "--types", "tea"), "job type 'tea' does not exist"),
        ((*ADD, *TERMS, "--since", "9000h"), "since cannot be"),
        ((*ADD[:3], "--task", "1", "--max-age", "1h"), "site default has no task 1"),
        ((*ADD[:3], "--schedule", "x", "--max-age", "1h"), "schedule 'x' does not exist"),
        (("contract", "show", "7"), "contract 7 does not exist"),
        (("contract", "change", "7", "--note", "x"), "contract 7 does not exist"),
    ],
)
def test_what_is_wrong_is_said(estate: str, given: tuple[str, ...], said: str) -> None:
    """With what to do; and nothing is added."""
    refused = run_command(estate, *given)

    assert refused.status == 1
    assert said in refused.err
    assert "hint: " in refused.err
    assert "pgdispatch." not in refused.err
    assert run_command(estate, "contract", "list", "--json").rows() == []


def test_a_chance_out_of_range_is_a_usage_error_and_a_name_is_there_once(estate: str) -> None:
    """At a site; another site may have it, too."""
    run_command(estate, *ADD, *TERMS)

    again = run_command(estate, *ADD, *TERMS)
    chance = run_command(estate, *ADD, *TERMS, "--warn-chance", "120%")
    other = run_command(estate, *ADD[:3], "--datasource", "x", "--max-age", "2h")

    assert (again.status, "already exists" in again.err) == (1, True)
    assert (chance.status, "such as 20%" in chance.err) == (2, True)
    assert other.out == "contract 3 added\n"
