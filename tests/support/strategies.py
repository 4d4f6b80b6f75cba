"""What hypothesis draws for the order machine."""

from __future__ import annotations

from hypothesis import strategies as st

from support.model import RANKS
from support.world import LIMITS, SCHEDULES

Turn = tuple[int, set[str] | None, str]
types = st.sampled_from(sorted(RANKS))
sites = st.sampled_from(sorted(LIMITS))
schedules = st.sampled_from(sorted(SCHEDULES))
datasources = st.sampled_from([None, "a", "b"])
some_types = st.none() | st.none() | st.sets(types, min_size=1, max_size=5)
priorities = st.sampled_from([1, 10, 49, 50, 51, 100])
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
        }
    ),
    min_size=4,
    max_size=12,
)
turns = st.lists(
    st.tuples(picks, some_types, st.sampled_from(["claim", "claim", "finish", "fail"])),
    min_size=4,
    max_size=16,
)
runs = st.lists(
    st.tuples(st.sampled_from([1, 179, 180, 200]), st.sampled_from([1, 2, 3, 60])), max_size=3
)
