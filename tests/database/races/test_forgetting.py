"""A node takes its name while it is being forgotten."""

from __future__ import annotations

import uuid

from support.sessions.ring import Ring

SILENT = "update pgdispatch.node set heartbeat_at = pgdispatch.now() - interval '8 days'"
WATCHED = """
update pgdispatch.watch
set since = pgdispatch.now() - interval '1 h', observed_at = pgdispatch.now()
"""
FORGET = "select pgdispatch.forget_nodes()"
TAKE = "select pgdispatch.register_node('etl', %s, 3)"
BEAT = "select backgrounders from pgdispatch.heartbeat('etl', %s)"


def test_a_name_that_is_forgotten_as_it_is_taken_is_made_anew(ring: Ring) -> None:
    """Else the supervisor would have registered nowhere, and take its name for another's."""
    verbs, incarnation = ring.watch, uuid.uuid4()
    verbs.register("etl")
    verbs.run("select pgdispatch.start_backgrounder('etl:1', 1)")
    verbs.run(SILENT)
    verbs.run(WATCHED)
    other, forgetting, taking = ring.session(begin=True), ring.session(), ring.session()
    other.verbs.run("select from pgdispatch.backgrounder for update")
    forgotten = ring.start_waiting(forgetting, lambda verbs: verbs.value(FORGET))
    taken = ring.start_waiting(taking, lambda verbs: verbs.run(TAKE, incarnation))

    other.commit()
    taken.result()

    assert forgotten.result() == 1
    assert verbs.value(BEAT, incarnation) == 3
