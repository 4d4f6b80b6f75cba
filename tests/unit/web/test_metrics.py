"""The page of metrics, as Prometheus reads it."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from pgdispatch.ipc.tally import Ended, Tally
from pgdispatch.web.metrics import Alert, Contract, Count, Figures, Health, Outbox

HEALTH = Health(is_held=True, heartbeat_age=0.5, lease=15.0, is_drained=True, wanted=2, up=1)
Values = dict[tuple[str, tuple[str, ...]], float]


def values_of(figures: Figures) -> Values:
    """Return every number on the page, by metric and values of labels in the order of names."""
    return {
        (sample.name, tuple(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(figures.text().decode())
        for sample in family.samples
    }


def test_a_node_that_has_done_nothing_has_counters_at_zero() -> None:
    """Those without labels, and those whose labels are known; no line twice."""
    found = values_of(Figures("n", Tally().as_message(), HEALTH, []))

    assert found["pgdispatch_swept_jobs_total", ()] == 0
    assert found["pgdispatch_gate_parks_total", ("schedule",)] == 0
    assert found["pgdispatch_node_drained", ()] == 1
    assert not [name for name, _ in found if name.startswith("pgdispatch_queue")]


def test_without_the_database_the_page_has_what_the_node_knows() -> None:
    """And says that there is no more."""
    found = values_of(Figures("n", Tally(swept=1).as_message(), None, None))

    assert found["pgdispatch_database_up", ()] == 0
    assert found["pgdispatch_swept_jobs_total", ()] == 1
    assert not [name for name, _ in found if "backgrounders" in name or "heartbeat" in name]


def test_the_buckets_of_a_histogram_add_up() -> None:
    """Each holds those below it."""
    tally = Tally()
    for ran in (0.05, 0.3, 100_000.0):
        tally.end([], [Ended(1, "flow", "succeeded", None, 0.0, ran, [])])

    found = values_of(Figures("n", tally.as_message(), HEALTH, []))

    name = "pgdispatch_job_run_seconds"
    bounds = ("0.1", "0.5", "14400.0", "+Inf")
    assert [found[f"{name}_bucket", (bound, "flow")] for bound in bounds] == [1, 2, 2, 3]
    assert found[f"{name}_count", ("flow",)] == 3
    assert found[f"{name}_sum", ("flow",)] == 100_000.35


def test_what_may_need_somebody_is_shown_with_one_label_at_most() -> None:
    """What the database does not tell is not there."""
    alerts = [
        Alert("waiting", "paused", 7), Alert("waiting", "next", 2), Alert("needs_person", None, 7),
        Alert("pauses", "site", 1), Alert("something new", None, 1),
    ]  # fmt: skip

    found = values_of(Figures("n", Tally().as_message(), HEALTH, [], alerts))

    assert found["pgdispatch_waiting_jobs", ("paused",)] == 7
    assert found["pgdispatch_waiting_jobs", ("next",)] == 2
    assert found["pgdispatch_stuck_jobs", ()] == 7
    assert found["pgdispatch_pauses", ("site",)] == 1
    assert ("pgdispatch_suspended_tasks", ()) not in found


def test_jobs_parked_at_different_gates_are_one_number_by_state_and_two_by_gate() -> None:
    """A delayed job is not waiting for anybody, however old it is; a running one is no queue."""
    counts = [
        Count("parked", "flow", "site", 2, 30.0),
        Count("parked", "flow", "datasource", 3, 90.0),
        Count("delayed", "flow", None, 4, 500.0),
        Count("running", "flow", None, 5, 900.0),
    ]

    found = values_of(Figures("n", Tally().as_message(), HEALTH, counts))

    assert found["pgdispatch_queue_jobs", ("parked", "flow")] == 5
    assert found["pgdispatch_parked_jobs", ("site",)] == 2
    assert found["pgdispatch_parked_jobs", ("datasource",)] == 3
    assert found["pgdispatch_oldest_waiting_seconds", ("flow",)] == 90
    assert found["pgdispatch_running_jobs", ("flow",)] == 5
    assert ("pgdispatch_queue_jobs", ("running", "flow")) not in found


def test_contracts_are_told_by_site_and_name() -> None:
    """What is not known is left out; each has one state."""
    late = Contract("sales", "acme", "at risk", 0.3, -60.0)
    broken = Contract("stock", "acme", "broken", None, None)

    found = values_of(Figures("n", Tally().as_message(), HEALTH, [], contracts=[late, broken]))

    assert found["pgdispatch_contract_late_chance", ("sales", "acme")] == 0.3
    assert found["pgdispatch_contract_slack_seconds", ("sales", "acme")] == -60
    assert ("pgdispatch_contract_late_chance", ("stock", "acme")) not in found
    assert found["pgdispatch_contract_state", ("stock", "acme", "broken")] == 1
    assert found["pgdispatch_contract_state", ("sales", "acme", "fresh")] == 0


def test_outbox_is_told_by_target() -> None:
    """How many notices wait, and for how long the oldest has."""
    outbox = [Outbox("ops", 3, 90.0), Outbox("on-call", 1, 5.0)]

    found = values_of(Figures("n", Tally().as_message(), HEALTH, [], outbox=outbox))

    assert found["pgdispatch_notices_waiting", ("ops",)] == 3
    assert found["pgdispatch_oldest_notice_seconds", ("on-call",)] == 5
