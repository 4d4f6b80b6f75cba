"""People who are confined to a site see nothing of another one, through whatever they look."""

from __future__ import annotations

import pytest

from support.rights.two_sites import TRACE, UNKNOWN, Sites, acting_as
from support.sessions.verbs import Verbs

RELATIONS = """
select relname from pg_class
where relnamespace = 'pgdispatch'::regnamespace
    and relkind in ('r', 'p', 'v')
    and not relispartition
    and has_table_privilege(%s, oid, 'select')
"""
OF_NO_SITE = {"job_type", "setting", "schema_version"}
OF_A_TASK = ("failure_streak", "usual_seconds")
RUN = """
insert into pgdispatch.job_history
select (
    jsonb_populate_record(h, jsonb_build_object(
        'task', %s::bigint, 'outcome', %s::text, 'failed_as', %s::text,
        'ended_at', pgdispatch.now()
    ))
).*
from pgdispatch.job_history as h
where h.id = %s
limit 1
"""
LEAK = """
create function pg_temp.leak(p_row text) returns boolean language plpgsql cost 0.0001 as $$
begin
    raise notice '%', p_row;
    return true;
end $$
"""


def texts(verbs: Verbs, user: str, relation: str) -> list[str]:
    """Return each row of a relation that a user sees, as text."""
    with acting_as(verbs, user):
        return [str(text) for text in verbs.values(f"select x::text from pgdispatch.{relation} x")]


def traces(verbs: Verbs, user: str) -> dict[str, list[str]]:
    """Return the rows of the other site in all that a user may select from."""
    return {
        relation: [row for row in texts(verbs, user, relation) if TRACE.search(row)]
        for relation in verbs.values(RELATIONS, user)
    }


def found(trace: dict[str, list[str]]) -> set[str]:
    """Return the relations with rows of the other site."""
    return {relation for relation, rows in trace.items() if rows}


def plans_of(verbs: Verbs, relations: list[str]) -> dict[str, list[str]]:
    """Return the plan of a filtered look at each relation."""
    return {
        one: verbs.values(
            f"explain (costs off) select * from pgdispatch.{one} as x "
            "where length(x::text) > 5 limit 20"
        )
        for one in relations
    }


@pytest.mark.parametrize("kind", ["viewer", "operator"])
def test_no_table_or_view_shows_another_site(sites: Sites, kind: str) -> None:
    """Each shows it to whoever is not confined, so the test can fail; and each shows their own."""
    verbs, _, _ = sites
    seen = traces(verbs, f"acme_{kind}")

    assert found(seen) == set()
    everything = found(traces(verbs, "all_viewer"))
    assert set(seen) - {"own_job", *OF_NO_SITE} <= everything
    assert [one for one in seen if not texts(verbs, f"acme_{kind}", one)] == ["own_job"]


def test_a_producer_of_a_site_sees_its_own_jobs_there_only(sites: Sites) -> None:
    """Also when it has inserted jobs for another site before it was confined."""
    verbs, acme, globex = sites
    verbs.run("update pgdispatch.job set inserted_by = 'acme_producer' where state <> 'running'")
    verbs.run("update pgdispatch.job_history set inserted_by = 'acme_producer'")

    with acting_as(verbs, "acme_producer"):
        own = verbs.values("select job from pgdispatch.own_job")
        numbers = verbs.values("select id from pgdispatch.job")

    assert {acme.jobs["waiting"], acme.jobs["ended"]} <= set(own)
    assert not {*globex.jobs.values()} & {*own, *numbers}


def test_places_in_the_queue_count_what_is_seen(sites: Sites) -> None:
    """So nobody learns how much another site has; why says the same as the view."""
    verbs, acme, _ = sites
    first = verbs.job(site="globex", priority=1)
    with acting_as(verbs, "acme_viewer"):
        queue = verbs.rows("select job, position, decided_by, reason from pgdispatch.queue")
        why = [
            verbs.row(
                "select job, position, decided_by, reason from pgdispatch.why(%s)", row["job"]
            )
            for row in queue
        ]

        other = verbs.rows("select * from pgdispatch.why(%s)", first)

    assert [row["position"] for row in queue] == list(range(1, len(queue) + 1))
    assert why == queue
    assert other == []
    busy = next(row for row in queue if row["job"] == acme.jobs["waiting"])
    assert busy["reason"] == f"datasource busy (job {acme.jobs['running']})"


def test_functions_that_tell_say_nothing_of_another_site(sites: Sites) -> None:
    """The same as of one that does not exist."""
    verbs, acme, globex = sites
    verbs.run("update pgdispatch.site set max_running_jobs = 0")
    for outcome, failed_as in (("succeeded", None), ("failed", "error")):
        verbs.run(RUN, globex.idle_task, outcome, failed_as, globex.jobs["ended"])
    with acting_as(verbs, "all_viewer"):
        known = [
            verbs.value(f"select pgdispatch.{name}(%s)", globex.idle_task) for name in OF_A_TASK
        ]
    with acting_as(verbs, "acme_operator"):
        told = [
            verbs.values("select pgdispatch.obstacles(%s)::text", site) for site in ("globex", None)
        ]
        budgets = verbs.rows("select * from pgdispatch.site_budget('globex')")
        numbers = [
            verbs.values(f"select pgdispatch.{name}(%s)", task)
            for name in OF_A_TASK
            for task in (globex.idle_task, UNKNOWN)
        ]

        mine = verbs.values("select site from pgdispatch.site_usage, pgdispatch.site_budget(site)")

    assert not TRACE.search(str(told))
    assert f"(job {acme.jobs['running']})" in str(told)
    assert budgets == []
    assert all(known)
    assert numbers[0] == numbers[1]
    assert numbers[2] == numbers[3]
    assert mine == ["acme"]


def test_a_serial_schedule_that_is_shared_does_not_name_the_other_site_s_job(sites: Sites) -> None:
    """It says that it is busy, but not with which job."""
    verbs, _, _ = sites
    shared = verbs.schedule("shared", "serial")
    verbs.task(site="acme", schedule=shared)
    verbs.job(site="globex", schedule=shared, priority=1)
    verbs.claim("n:4")
    job = verbs.job(site="acme", schedule=shared)
    with acting_as(verbs, "acme_viewer"):
        seen = verbs.values("select reason from pgdispatch.queue where job = %s", job)

    assert seen == ["serial schedule busy (job of another site)"]


@pytest.mark.parametrize("relation", ["queue", "running", "background_task", "job", "task_status"])
def test_a_condition_of_the_caller_s_is_not_shown_other_rows(sites: Sites, relation: str) -> None:
    """A cheap function of one's own, which tells all that it is given, comes after the policy."""
    verbs, _, _ = sites
    said: list[str] = []
    verbs.connection.add_notice_handler(lambda notice: said.append(str(notice.message_primary)))
    with acting_as(verbs, "acme_viewer"):
        verbs.connection.execute(LEAK.encode())
        verbs.rows(f"select 1 from pgdispatch.{relation} as x where pg_temp.leak(x::text)")

    assert [text for text in said if "acme" in text]
    assert [text for text in said if TRACE.search(text)] == []


def test_statistics_of_the_planner_show_no_values_of_another_site(sites: Sites) -> None:
    """PostgreSQL hides those of a table with policies."""
    verbs, _, _ = sites
    verbs.run("analyze pgdispatch.job, pgdispatch.task, pgdispatch.job_history")
    shown = "select most_common_vals::text || histogram_bounds::text from pg_stats"
    with acting_as(verbs, "acme_viewer"):
        seen = verbs.values(f"{shown} where schemaname = 'pgdispatch'")

    assert not TRACE.search(str(seen))


def test_whoever_sees_all_gets_the_plans_of_the_owner(sites: Sites) -> None:
    """Row-level security costs them nothing: their policy is planned away."""
    verbs, _, _ = sites
    verbs.run("analyze")
    relations = [
        one for one in verbs.values(RELATIONS, "all_viewer") if one not in {"own_job", "new_job"}
    ]
    with acting_as(verbs, "all_viewer"):
        plans = plans_of(verbs, relations)
    with acting_as(verbs, "acme_viewer"):
        confined = plans_of(verbs, ["job"])

    assert plans == plans_of(verbs, relations)
    assert confined["job"] != plans["job"]


def test_who_started_a_shared_schedule_is_not_told_with_how_many_jobs(sites: Sites) -> None:
    """It would count the jobs of others; edits of the schedule are told of."""
    verbs, _, _ = sites
    shared = "acme nightly"
    verbs.task(site="globex", schedule=shared)
    verbs.run("select * from pgdispatch.run_now_schedule(%s)", shared)
    verbs.run("select pgdispatch.fire(%s, pgdispatch.now())", shared)
    verbs.run("update pgdispatch.schedule set priority = 7 where name = %s", shared)
    seen = "select what from pgdispatch.change where kind = 'schedule' and name = %s"

    everything = set(verbs.values(seen, shared))
    with acting_as(verbs, "acme_operator"):
        own = set(verbs.values(seen, shared))

    assert everything == {"add", "run now", "fire", "change"}
    assert own == {"add", "change"}


def test_why_a_schedule_could_not_be_fired_is_for_those_of_all_sites(sites: Sites) -> None:
    """An error may name what is of others."""
    verbs, _, _ = sites
    verbs.run(
        "update pgdispatch.schedule set last_error = 'globex broke' where name = 'acme nightly'"
    )
    told = {}
    for user in ("all_viewer", "acme_viewer"):
        with acting_as(verbs, user):
            told[user] = verbs.value(
                "select last_error from pgdispatch.schedule_status where schedule = 'acme nightly'"
            )

    assert told == {
        "all_viewer": "globex broke",
        "acme_viewer": "its jobs could not be created, an operator of all sites sees why",
    }
