"""The views of what people set up: schedules, tasks, linked tasks, budgets, nodes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from support.sessions.clock import NOON, Clock
from support.sessions.verbs import Verbs

STEPS = "select step, state, job from pgdispatch.linked_task_run order by run, step"


def linked(verbs: Verbs, *stops: bool) -> int:
    """Add a linked task with one flow for each step and return its id."""
    verbs.schedule("chain")
    made = int(verbs.add("linked_task", title="Chain", schedule="chain"))
    for step, stop in enumerate(stops, 1):
        task = verbs.task("flow", title=f"Flow {step}")
        verbs.add("linked_task_step", "step", linked_task=made, step=step, task=task,
                  stop_on_failure=stop)  # fmt: skip
    return made


def states(verbs: Verbs) -> list[Any]:
    """Return the state of each step of all runs."""
    return [row["state"] for row in verbs.rows(STEPS)]


def test_schedule_status_shows_the_next_five_runs(verbs: Verbs, clock: Clock) -> None:
    """In the schedule's zone; none of a schedule that is disabled or does not recur."""
    assert clock.now == NOON
    verbs.schedule("off", recurrence="daily at 02:30", enabled=False)
    verbs.schedule("on", recurrence="daily at 02:30", time_zone="Asia/Tokyo", priority=7)
    verbs.schedule("one-off")

    off, on, one_off = verbs.rows("select * from pgdispatch.schedule_status")

    first = NOON.replace(hour=17, minute=30)
    assert on["next_runs"] == [first + timedelta(days=day) for day in range(5)]
    assert (on["next_run_at"], on["priority"], on["time_zone"]) == (first, 7, "Asia/Tokyo")
    assert (off["next_runs"], off["next_run_at"]) == (None, None)
    assert one_off["next_runs"] is None


def test_schedule_status_counts_tasks_and_suspended_ones(verbs: Verbs) -> None:
    """And the linked tasks."""
    linked(verbs, True)
    verbs.task(schedule="chain")
    task = verbs.task(schedule="chain")
    verbs.run("update pgdispatch.setting set value = '1' where name = 'suspend_after_failures'")
    verbs.fail((verbs.run_now(task) and verbs.claim()) or 0)

    row = verbs.row("select tasks, linked_tasks, suspended from pgdispatch.schedule_status")

    assert row == {"tasks": 2, "linked_tasks": 1, "suspended": 1}


def test_task_status_finds_the_suspended_tasks_in_one_query(verbs: Verbs, clock: Clock) -> None:
    """With the failures in a row and the job that was the last of them."""
    verbs.schedule("nightly", recurrence="daily at 02:30")
    verbs.run("update pgdispatch.setting set value = '2' where name = 'suspend_after_failures'")
    task, other = verbs.task(schedule="nightly"), verbs.task(schedule="nightly")
    for failing in (task, task, other):
        job = verbs.run_now(failing)
        verbs.claim()
        verbs.fail(job)

    found = verbs.row("select * from pgdispatch.task_status where suspended_at is not null")

    assert (found["task"], found["failures"], found["suspended_at"]) == (task, 2, clock.now)
    assert (found["suspended_by"], found["next_run_at"], found["last_error"]) == (2, None, "boom")
    healthy = verbs.row("select * from pgdispatch.task_status where task = %s", other)
    assert (healthy["failures"], healthy["next_run_at"]) == (1, NOON.replace(
        day=NOON.day + 1, hour=2, minute=30
    ))  # fmt: skip


def test_task_status_shows_the_job_in_the_queue_and_the_usual_time(
    verbs: Verbs, clock: Clock
) -> None:
    """Waiting, then running; the last outcome stays beside it."""
    task = verbs.task()
    job = verbs.run_now(task)
    verbs.claim()
    clock.advance(90)
    verbs.fail(job)
    job = verbs.run_now(task)
    verbs.claim()
    clock.advance(90)
    verbs.finish(job)
    job = verbs.run_now(task)
    waiting = verbs.row("select * from pgdispatch.task_status")
    verbs.claim()

    running = verbs.row("select * from pgdispatch.task_status")

    assert (waiting["job"], waiting["job_state"]) == (job, "waiting")
    assert (running["job"], running["job_state"]) == (job, "running")
    assert running["usually_for"] == timedelta(seconds=90)
    assert running["last_outcome"] == "succeeded"


def test_linked_task_run_shows_the_state_of_each_step(verbs: Verbs) -> None:
    """As the run goes on: one succeeded, one fails without stopping it, one runs."""
    number = linked(verbs, True, False, True, True)
    verbs.run("select pgdispatch.run_now_linked_task(%s, 'tester')", number)
    before = states(verbs)
    first = verbs.claim() or 0
    verbs.finish(first)
    verbs.fail(verbs.claim() or 0)
    third = verbs.claim() or 0
    during = verbs.rows(STEPS)
    verbs.cancel(third)
    verbs.fail(third)

    assert before == ["waiting", "not reached", "not reached", "not reached"]
    assert [row["state"] for row in during] == ["succeeded", "failed", "running", "not reached"]
    assert [row["job"] for row in during] == [first, first + 1, third, None]
    assert states(verbs) == ["succeeded", "failed", "cancelled", "not reached"]


def test_linked_task_run_tells_a_step_that_was_passed_over(verbs: Verbs) -> None:
    """Its flow was disabled, which did not stop the run."""
    number = linked(verbs, True, False, True)
    verbs.run("update pgdispatch.task set enabled = false where title = 'Flow 2'")
    verbs.run("select pgdispatch.run_now_linked_task(%s, 'tester')", number)
    verbs.finish(verbs.claim() or 0)

    assert states(verbs) == ["succeeded", "passed over", "waiting"]


def test_linked_task_run_shows_a_skipped_run_as_one_row(verbs: Verbs, clock: Clock) -> None:
    """With the reason; what is left of a deleted linked task stays readable."""
    number = linked(verbs, True, True)
    verbs.fire("chain", clock.now)
    clock.set(clock.now + timedelta(hours=1))
    verbs.fire("chain", clock.now)
    rows = verbs.rows("select state, skipped_for, title from pgdispatch.linked_task_run")
    verbs.run("delete from pgdispatch.linked_task where id = %s", number)

    assert [tuple(row.values()) for row in rows] == [
        ("skipped", "waiting", "Chain"),
        ("waiting", None, "Chain"),
        ("not reached", None, "Chain"),
    ]
    assert states(verbs) == ["waiting", "skipped"]


def test_linked_task_status_shows_the_last_run_and_the_step_in_the_queue(
    verbs: Verbs, clock: Clock
) -> None:
    """A run that is skipped, as the one before has not ended, does not count."""
    made, idle = linked(verbs, True, False), int(verbs.add("linked_task", title="Idle"))
    begun = clock.now
    verbs.fire("chain", begun)
    clock.advance(3600)
    verbs.fire("chain", clock.now)

    rows = verbs.rows(
        "select id, title, steps, last_run_at, job from pgdispatch.linked_task_status"
    )

    job = verbs.value("select id from pgdispatch.job")
    assert [tuple(row.values()) for row in rows] == [
        (made, "Chain", 2, begun, job),
        (idle, "Idle", 0, None, None),
    ]


def test_step_status_tells_which_flows_a_run_passes_over(verbs: Verbs, clock: Clock) -> None:
    """Those that are disabled, and those whose suspension has not become void meanwhile."""
    made = linked(verbs, True, False, True)
    first, second, _ = verbs.values("select id from pgdispatch.task order by id")
    verbs.run("update pgdispatch.setting set value = '1' where name = 'suspend_after_failures'")
    verbs.fail((verbs.run_now(first) and verbs.claim()) or 0)
    verbs.run("update pgdispatch.task set enabled = false where id = %s", second)
    look = "select step, title, stop_on_failure, enabled, suspended_at from pgdispatch.step_status"

    rows = verbs.rows(f"{look} where linked_task = %s", made)

    assert [tuple(row.values()) for row in rows] == [
        (1, "Flow 1", True, True, clock.now),
        (2, "Flow 2", False, False, None),
        (3, "Flow 3", True, True, None),
    ]
    verbs.run("update pgdispatch.suspension set streak_since = '-infinity'")
    assert verbs.values("select suspended_at from pgdispatch.step_status") == [None] * 3


def test_effective_timeout_is_that_of_the_site_or_else_of_the_type(verbs: Verbs) -> None:
    """A site can also lift the limit of a type; its types stand by rank."""
    verbs.site("acme")
    for kind, timeout in (("flow", "1 hour"), ("alert", None)):
        verbs.run("insert into pgdispatch.site_timeout values ('acme', %s, %s)", kind, timeout)
    verbs.run("update pgdispatch.job_type set timeout = '2 hours'")
    look = "select type, timeout, is_own from pgdispatch.effective_timeout where site = %s"

    own, other = verbs.rows(look, "acme"), verbs.rows(look, "default")

    assert [row["type"] for row in own] == verbs.values(
        "select name from pgdispatch.job_type order by rank, name"
    )
    assert {row["type"]: row["timeout"] for row in own if row["is_own"]} == {
        "flow": timedelta(hours=1),
        "alert": None,
    }
    rest = [row for row in own if not row["is_own"]] + other
    assert {(row["timeout"], row["is_own"]) for row in rest} == {(timedelta(hours=2), False)}


def test_site_usage_shows_what_is_left_of_the_budget(verbs: Verbs, clock: Clock) -> None:
    """And how many jobs wait for the refill once it is spent."""
    verbs.register()
    verbs.site("acme", daily_seconds=60, refill_at="18:00")
    look = "select * from pgdispatch.site_usage where site = 'acme'"
    jobs = [verbs.job(site="acme") for _ in range(4)]
    verbs.claim()
    clock.advance(20)
    verbs.finish(jobs[0])
    before = verbs.row(look)
    verbs.claim()
    clock.advance(50)
    verbs.finish(jobs[1])
    verbs.claim()
    verbs.claim()
    verbs.run("update pgdispatch.node set heartbeat_at = pgdispatch.now()")

    after = verbs.row(look)

    assert (before["spent_seconds"], before["left_seconds"], before["deferred"]) == (20, 40, 0)
    assert (after["spent_seconds"], after["left_seconds"], after["deferred"]) == (70, 0, 2)
    assert (after["seconds_limit"], after["refill_at"]) == (60, NOON.replace(hour=18))


def test_status_shows_application_servers_and_drained_nodes(verbs: Verbs) -> None:
    """After the backgrounders of their node; a drained node's busy ones stay busy."""
    verbs.register("a")
    verbs.register("b")
    for number in (1, 2):
        verbs.run("select pgdispatch.start_backgrounder(%s, 1)", f"a:{number}")
    verbs.job(title="Sales")
    verbs.claim("a:2")
    verbs.run("update pgdispatch.node set is_drained = true where name = 'a'")
    verbs.add("application_server", id="a/1", node="a", number=1, pid=7, address="127.0.0.1:80")

    rows = verbs.rows("select node, process, backgrounder, status, address from pgdispatch.status")

    assert [tuple(row.values()) for row in rows] == [
        ("a", "backgrounder", "a:1", "drained", None),
        ("a", "backgrounder", "a:2", "busy", None),
        ("a", "application server", None, "up", "127.0.0.1:80"),
        ("b", "backgrounder", None, "starting", None),
    ]


def test_node_status_tells_nodes_that_are_up_from_stopped_and_lost_ones(
    verbs: Verbs, clock: Clock
) -> None:
    """Lost: silent for a lease, as in `status`. With what is up there and what is busy."""
    verbs.register("gone")
    verbs.run("select pgdispatch.start_backgrounder('gone:1', 1)")
    clock.advance(3600)
    verbs.register("here")
    for number in (1, 2):
        verbs.run("select pgdispatch.start_backgrounder(%s, 1)", f"here:{number}")
        verbs.add("application_server", id=f"here/{number}", node="here", number=number, pid=7,
                  address=f"127.0.0.1:{81 - number}")  # fmt: skip
    verbs.add("node", "name", name="new")
    verbs.job()
    verbs.claim("here:2")

    rows = verbs.rows("select name, state, up, busy, addresses from pgdispatch.node_status")

    assert [tuple(row.values()) for row in rows] == [
        ("gone", "lost", 1, 0, []),
        ("here", "up", 2, 1, ["127.0.0.1:80", "127.0.0.1:79"]),
        ("new", "stopped", 0, 0, []),
    ]
    assert verbs.value("select status from pgdispatch.status where node = 'gone'") == "lost"
