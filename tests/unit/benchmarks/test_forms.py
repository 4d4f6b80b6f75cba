"""The forms in which queues are measured, and which of them is compared with."""

from __future__ import annotations

import pytest

from benchmarks.report.figures import Samples
from benchmarks.rig.forms import OWN, PREFETCH, Form
from benchmarks.workloads.drain import best_of

AHEAD = f"local queue of 500 {PREFETCH}"


@pytest.mark.parametrize("form", [Form(1), Form(4, 4), Form(1, 16, AHEAD)])
def test_form_is_found_by_its_key(form: Form) -> None:
    """The samples are named by keys alone."""
    key = form.key("pg-boss")

    assert Form.of(key, "pg-boss") == form
    assert Form.of(key, "boss") is None
    assert Form.of(f"{key}: server", "pg-boss") is None


def test_reader_is_told_nodes_of_ours_and_processes_of_a_peer() -> None:
    """Each in its own words."""
    assert Form(1, 16).label(OWN) == "pgdispatch, 16 backgrounders"
    assert Form(4, 4).label(OWN) == "pgdispatch, 4 nodes with 4 backgrounders each"
    assert Form(1).label("pgqueuer") == "pgqueuer, 1 process"
    assert Form(4, 4, AHEAD).label("pgqueuer") == (
        "pgqueuer, 4 processes with 4 slots each, local queue of 500 (prefetch)"
    )


def test_who_prefetches_is_compared_with_nobody() -> None:
    """The best peer is the best of those that keep the order, with as many slots."""
    samples = Samples()
    samples.add(Form(4, 4).key("pg-boss"), 1.0)
    samples.add(Form(1, 16).key("pgqueuer"), 2.0)
    samples.add(Form(4, 4, AHEAD).key("pg-boss"), 9.0)
    samples.add(Form(1, 4).key("pgqueuer"), 5.0)

    assert samples.get(best_of(samples, ["pg-boss", "pgqueuer"], 16)) == 2.0
