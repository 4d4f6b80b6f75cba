"""How many processes a node runs: what is refused, what is warned of, and who is told."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from support.sessions.clock import NOON, Clock
from support.sessions.timetable import change
from support.sessions.verbs import Verbs


def node(verbs: Verbs, name: str = "n", **columns: Any) -> None:
    """Change a node, as an administrator would from any machine."""
    change(verbs, "node", "name", name, **columns)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"only_types": ["flown"]}, "job type 'flown' does not exist"),
        ({"except_types": ["flow", None]}, "does not exist"),
        ({"only_types": ["flow"], "except_types": ["alert"]}, "both only_types and except_types"),
        ({"backgrounders": 9}, "has 8 processors, too few for 9 backgrounders"),
        ({"application_servers": 0}, "no application server"),
    ],
)
def test_wrong_node_is_refused(verbs: Verbs, columns: dict[str, Any], message: str) -> None:
    """SQLSTATE JD001, and nothing has changed."""
    verbs.register(backgrounders=4)
    before = verbs.row("select * from pgdispatch.node")

    with pytest.raises(psycopg.Error, match=message) as refused:
        node(verbs, **columns)

    assert refused.value.sqlstate == "JD001"
    assert verbs.row("select * from pgdispatch.node") == before


def test_node_without_backgrounders_needs_no_application_server(verbs: Verbs) -> None:
    """And may have one."""
    verbs.register()
    node(verbs, backgrounders=0, application_servers=0)
    node(verbs, application_servers=1)

    with pytest.raises(psycopg.Error, match="no application server"):
        node(verbs, backgrounders=1, application_servers=0)


@pytest.mark.parametrize(("count", "warned"), [(4, False), (5, True), (8, True)])
def test_more_backgrounders_than_half_of_the_processors_are_warned_of(
    verbs: Verbs, count: int, warned: bool
) -> None:
    """And allowed."""
    verbs.register(backgrounders=2)
    node(verbs, processors=8)
    heard: list[str] = []
    verbs.connection.add_notice_handler(
        lambda notice: heard.append(str(notice.severity_nonlocalized))
    )
    node(verbs, backgrounders=count)

    assert heard == (["WARNING"] if warned else [])
    assert verbs.value("select backgrounders from pgdispatch.node") == count


def test_supervisor_is_told_of_every_change(verbs: Verbs) -> None:
    """By a notification with the node's name, so that it follows at once."""
    verbs.register()
    verbs.run("listen pgdispatch")
    node(verbs, backgrounders=2)
    node(verbs, application_servers=2)
    node(verbs, only_types=["flow"])
    node(verbs, is_drained=True)
    heard = [notify.payload for notify in verbs.connection.notifies(timeout=0.2)]

    assert heard == ["node:n"] * 4
    node(verbs, is_drained=True)
    assert list(verbs.connection.notifies(timeout=0.1)) == []


def test_heartbeat_tells_both_numbers(verbs: Verbs, clock: Clock) -> None:
    """As they are set now."""
    assert clock.now == NOON
    incarnation = verbs.register(backgrounders=4)
    node(verbs, backgrounders=3, application_servers=2)

    told = verbs.row("select * from pgdispatch.heartbeat('n', %s)", incarnation)

    assert (told["backgrounders"], told["application_servers"]) == (3, 2)


def test_a_supervisor_sets_the_number_of_a_new_node_only(verbs: Verbs) -> None:
    """What an administrator has set since, or had set before, is not undone by its next start."""
    incarnation = verbs.register(backgrounders=4)
    node(verbs, backgrounders=2)
    verbs.run("select pgdispatch.deregister_node('n', %s)", incarnation)
    verbs.run("insert into pgdispatch.node (name, backgrounders) values ('m', 3)")

    verbs.register(backgrounders=4)
    verbs.register("m", backgrounders=4)
    verbs.register("new", backgrounders=4)

    found = verbs.rows("select name, backgrounders from pgdispatch.node order by name")
    assert found == [
        {"name": "m", "backgrounders": 3},
        {"name": "n", "backgrounders": 2},
        {"name": "new", "backgrounders": 4},
    ]
