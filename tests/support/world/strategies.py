"""What hypothesis draws for the order machine."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from support.model.jobs import RANKS
from support.model.schedules import RECURRENCES, ZONES
from support.world.world import LIMITS, NODES, SCHEDULES

Turn = tuple[int, set[str] | None, str]
types = st.sampled_from(sorted(RANKS))
sites = st.sampled_from(sorted(LIMITS))
schedules = st.sampled_from(sorted(SCHEDULES))
datasources = st.sampled_from([None, "a", "b"])
some_types = st.none() | st.none() | st.sets(types, min_size=1, max_size=5)
priorities = st.sampled_from([1, 10, 49, 50, 51, 100])
attempts = st.sampled_from([None, None, 1, 2, 3])
timeouts = st.sampled_from([None, None, 60, 86400])
picks = st.integers(0, 999)
inserted = st.lists(
    st.fixed_dictionaries(
        {
            "type": types,
            "site": sites,
            "datasource": datasources,
            "schedule": st.none() | schedules,
            "priority": st.none() | priorities,
            "delay": st.sampled_from([None, None, None, -5, 30, 90]),
            "timeout": timeouts,
            "max_attempts": attempts,
        }
    ),
    min_size=4,
    max_size=12,
)
runs = st.lists(
    st.tuples(st.sampled_from([1, 179, 180, 200]), st.sampled_from([1, 2, 3, 60])), max_size=3
)
tasks = st.fixed_dictionaries(
    {
        "type": types,
        "site": sites,
        "datasource": datasources,
        "schedule": schedules,
        "timeout": timeouts,
        "max_attempts": attempts,
    }
)
linked_tasks = st.fixed_dictionaries(
    {
        "site": sites,
        "schedule": st.none() | schedules,
        "priority": st.none() | priorities,
        "steps": st.lists(st.tuples(picks, st.booleans()), min_size=1, max_size=4),
    }
)
turns = st.lists(
    st.tuples(picks, some_types, st.sampled_from(["claim", "claim", "finish", "fail"])),
    min_size=8,
    max_size=24,
)


def some_of(**columns: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Draw values for some of these columns, at least one."""
    return st.fixed_dictionaries({}, optional=columns).filter(bool)


site_edits = some_of(
    max_running_jobs=st.sampled_from([None, -1, 0, 1, 2, 3]),
    daily_seconds=st.sampled_from([None, -1, 0, 10, 30, 100, 300]),
    refill_at=st.sampled_from(["00:00", "12:30", "13:00", "11:55"]),
    time_zone=st.sampled_from(sorted(ZONES)),
    over_budget=st.sampled_from(["defer", "cancel"]),
    run_now_enabled=st.sampled_from([True, True, False]),
)
schedule_edits = some_of(
    priority=priorities,
    is_serial=st.booleans(),
    enabled=st.sampled_from([True, True, False]),
    recurrence=st.sampled_from([None, *RECURRENCES, *RECURRENCES]),
    time_zone=st.sampled_from(sorted(ZONES)),
    missed_runs=st.sampled_from(["skip", "once", "all"]),
    max_missed_runs=st.sampled_from([1, 2, 3]),
)
task_edits = some_of(
    priority=st.none() | priorities,
    enabled=st.booleans(),
    max_attempts=attempts,
)
linked_task_edits = some_of(priority=st.none() | priorities, enabled=st.booleans())
some_names = st.lists(types, min_size=1, max_size=5, unique=True)
node_edits = st.fixed_dictionaries(
    {"node": st.sampled_from(sorted(NODES)), "is_drained": st.sampled_from([False] * 5 + [True])},
).flatmap(
    lambda about: st.one_of(
        st.just({"only": None, "but": None}),
        some_names.map(lambda names: {"only": names, "but": None}),
        some_names.map(lambda names: {"only": None, "but": names}),
    ).map(lambda takes: {**about, **takes})
)
pauses = st.tuples(
    st.one_of(
        st.just(("all", None)),
        sites.map(lambda name: ("site", name)),
        types.map(lambda name: ("type", name)),
        schedules.map(lambda name: ("schedule", name)),
    ),
    st.sampled_from([None, 1, 40, 900, 7200]),
    st.sampled_from(["pause", "pause", "end"]),
)
settings = st.sampled_from(
    [
        ("tie_break", "history"),
        ("tie_break", "created"),
        ("suspend_after_failures", "1"),
        ("suspend_after_failures", "2"),
        ("suspend_after_failures", "-1"),
        ("site_max_running_jobs", "-1"),
        ("site_max_running_jobs", "1"),
        ("site_daily_seconds", "-1"),
        ("site_daily_seconds", "40"),
    ]
)
