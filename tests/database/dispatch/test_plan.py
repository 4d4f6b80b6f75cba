"""Dispatch walks the index of ready jobs from the left, however many wait and whatever is known."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from support.servers.embedded import Connect
from support.sessions.verbs import Verbs

FEW = 200
FILLED = """
insert into pgdispatch.job (
    type, site, priority, created_by, inserted_by, created_at, is_serial, precedence, queued_at,
    type_rank, tie_first, tie_second, datasource, state, gate, max_attempts
)
select
    (array['flow', 'alert', 'full_extract'])[1 + n % 3], 'default', 1 + n % 100, 'x', 'x', now(),
    false, 1, now() + n * interval '1 ms', -1, 0, 0, datasource,
    case when is_first or datasource is null then 'ready' else 'parked' end,
    case when not is_first then 'datasource/default/' || datasource end,
    1
from generate_series(1, 100000) as n
cross join lateral (select nullif(current_setting('test.datasource'), ''), n = 100)
    as of_all (datasource, is_first)
"""


@pytest.fixture
def crowd(verbs: Verbs) -> Verbs:
    """Keep the planner ignorant: no autovacuum, no analyze."""
    verbs.run("alter table pgdispatch.job set (autovacuum_enabled = off)")
    return verbs


def fill(verbs: Verbs, datasource: str = "") -> None:
    """Add a hundred thousand jobs without the triggers; on a datasource, all but one are parked."""
    verbs.run("select set_config('test.datasource', %s, false)", datasource)
    verbs.run("alter table pgdispatch.job disable trigger user")
    verbs.run(FILLED.replace("%", "%%"))
    verbs.run("alter table pgdispatch.job enable trigger user")


def buffers(verbs: Verbs, statement: str) -> int:
    """Return how many buffers a statement touches, with all that its functions do."""
    plan = verbs.value(f"explain (analyze, buffers, timing off, format json) {statement}")
    (found,) = plan if isinstance(plan, list) else json.loads(plan)
    top: dict[str, Any] = found["Plan"]
    return int(top["Shared Hit Blocks"]) + int(top["Shared Read Blocks"])


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield all nodes of a plan."""
    yield plan
    for below in plan.get("Plans", []):
        yield from nodes(below)


def prepare_walk(verbs: Verbs) -> str:
    """Prepare the query that dispatch walks, and return what executes it."""
    source = verbs.value(
        "select prosrc from pg_proc where oid = 'pgdispatch.ready_cursor'::regproc"
    )
    query = source.split("open v_ready for")[1].split(";")[0]
    variables = ["p_types", "p_paused", *dict.fromkeys(re.findall(r"p_(?:live|due)\.\w+", query))]
    kinds = verbs.rows(
        "select p.name || '.' || attname as name, format_type(atttypid, null) as kind "
        "from (values ('p_live', 'pgdispatch.generation'), ('p_due', 'pgdispatch.due')) "
        "as p (name, kind) join pg_attribute on attrelid = p.kind::regclass and attnum > 0"
    )
    kind_of = {row["name"]: row["kind"] for row in kinds}
    kind_of["p_types"] = kind_of["p_paused"] = "text[]"
    for number, variable in enumerate(variables, 1):
        query = re.sub(rf"{variable}\b", f"${number}", query)
    kinds_of_all = ", ".join(kind_of[variable] for variable in variables)
    verbs.run(f"prepare walk({kinds_of_all}) as {query}")
    return f"execute walk({', '.join(['null'] * len(variables))})"


@pytest.mark.parametrize("analyzed", [False, True], ids=["never analyzed", "analyzed"])
def test_dispatch_walks_the_index_of_ready_jobs(crowd: Verbs, analyzed: bool) -> None:
    """With the planner settings of the function: no sort, no other index."""
    fill(crowd)
    if analyzed:
        crowd.run("analyze pgdispatch.job")
    for setting in crowd.value(
        "select proconfig from pg_proc where oid = 'pgdispatch.finish'::regproc"
    ):
        crowd.run(f"set {setting}")

    (found,) = crowd.value(f"explain (format json) {prepare_walk(crowd)}")

    kinds = [node["Node Type"] for node in nodes(found["Plan"])]
    names = {node.get("Index Name") for node in nodes(found["Plan"])} - {None}
    assert not any("Sort" in kind for kind in kinds)
    assert names == {"job_ready_idx", "site_pkey", "schedule_pkey"}


@pytest.mark.parametrize("cached", [False, True], ids=["fresh session", "plan made when empty"])
def test_claim_touches_few_buffers_among_many_ready_jobs(
    crowd: Verbs, database: str, connect: Connect, cached: bool
) -> None:
    """Whether the session made its plans on the empty table or now."""
    claiming = Verbs(connect(database))
    if cached:
        for _ in range(10):
            claiming.claim("n:1")
    fill(crowd)
    claiming.claim("n:2")
    claiming.finish(claiming.value("select job from pgdispatch.running"))

    touched = buffers(claiming, "select * from pgdispatch.claim('n:1')")

    assert touched < FEW


def test_claim_passes_by_a_hundred_thousand_parked_jobs(crowd: Verbs) -> None:
    """Those that are not eligible do not slow down the one that is."""
    fill(crowd, "sales")
    assert crowd.claim("n:1") == 100
    crowd.job(priority=100)
    crowd.job(priority=100)
    crowd.claim("n:2")

    touched = buffers(crowd, "select * from pgdispatch.claim('n:3')")

    assert touched < FEW


def test_finish_wakes_the_best_of_a_hundred_thousand_parked_jobs(crowd: Verbs) -> None:
    """By the index of its gate."""
    fill(crowd, "sales")
    assert crowd.claim("n:1") == 100

    got = crowd.finish(100, claim=True)
    assert got is not None
    touched = buffers(crowd, f"select * from pgdispatch.finish({got.id}, 1, null, null, true)")

    assert touched < FEW
